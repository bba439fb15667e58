import { ConnectError, OptionError, parseEndpoint, type Endpoint, type Listener, type ListenOptions } from "@holdfast/core";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { checkAddress } from "./address.ts";
import { isWelcome } from "./origin.ts";
import { checkEndpoint, type Settings } from "./settings.ts";
import { protocolList } from "./subprotocol.ts";
import { tlsOptions } from "./tls-options.ts";
import { refuse, route, type Gate } from "./upgrade-router.ts";
import { WsChannel } from "./ws-channel.ts";
import { wsLimits } from "./ws-limits.ts";

/**
 * Accepts WebSockets at exactly the path of the endpoint, on the port it names or on the server of the user. `close` stops accepting
 * and frees the port; channels already accepted live on, and handshakes under way on a port of our own are cut.
 */
export async function listen(endpoint: Endpoint, options: ListenOptions, settings: Settings): Promise<Listener> {
  options.signal?.throwIfAborted();
  checkAddress(endpoint);
  checkEndpoint(endpoint);
  const gate = gateOf(options, settings);
  const given = settings.server;
  if (given !== undefined) {
    const leave = enter(given, endpoint, gate);
    return { endpoint: bound(endpoint, given), close: async () => { leave(); } };
  }
  const server = createOwn(endpoint, settings);
  await opened(server, endpoint, options.signal);
  const leave = enter(server, endpoint, gate);
  return { endpoint: bound(endpoint, server), close: async () => { leave(); shut(server); } };
}

function gateOf({ accept }: ListenOptions, settings: Settings): Gate {
  const acceptor = new WebSocketServer({ ...wsLimits(settings), noServer: true, clientTracking: false, ...chooser(settings) });
  return (request, socket, head) => {
    const { origin, host } = request.headers;
    if (!isWelcome(settings.origins, origin, host)) {
      refuse(socket, 403);
      return;
    }
    acceptor.handleUpgrade(request, socket, head, (ws) => { accept(new WsChannel(ws, socket, remoteOf(request), settings)); });
  };
}

/** ws takes the client's first offer, unless we know what we speak. */
function chooser({ dial: { protocols } }: Settings): { handleProtocols?: (offered: Set<string>) => string | false } {
  if (protocols === undefined || typeof protocols === "function") return {};
  const spoken = protocolList(protocols);
  return { handleProtocols: (offered) => spoken.find((protocol) => offered.has(protocol)) ?? false };
}

function enter(server: Server, endpoint: Endpoint, gate: Gate): () => void {
  const leave = route(server, endpoint.path === "" ? "/" : endpoint.path, gate);
  if (leave === undefined) throw new ConnectError("HF_LISTEN_FAILED", endpoint.label, `cannot listen on ${endpoint.label}: another listener has this path on the same server`, { next: "stop" });
  return leave;
}

/** Where a client says nothing, the server hangs up after `handshakeTimeout`: first in TLS, then in HTTP. */
function createOwn(endpoint: Endpoint, settings: Settings): Server {
  const { handshakeTimeout } = settings;
  const limits = { headersTimeout: handshakeTimeout, requestTimeout: handshakeTimeout, connectionsCheckingInterval: Math.ceil(handshakeTimeout / 2) };
  const server = endpoint.scheme === "wss" ? createTlsServer({ ...limits, handshakeTimeout, ...certified(endpoint, settings) }) : createServer(limits);
  return server.on("request", (_, response) => { response.writeHead(426, { connection: "close" }).end("This is a WebSocket server.\n"); });
}

function certified(endpoint: Endpoint, settings: Settings): ReturnType<typeof tlsOptions> {
  // An endpoint to listen on may bring its own, as one to dial may.
  const tls = tlsOptions(settings.dial, endpoint.options);
  if (tls.cert !== undefined && tls.key !== undefined) return tls;
  throw new OptionError("cert and key", `given to listen on ${endpoint.label}`);
}

function opened(server: Server, endpoint: Endpoint, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal?.removeEventListener("abort", abort);
      server.off("listening", succeed).off("error", fail);
      // A failed accept (too many open files) must not end the process; that peer dials again.
      server.on("error", () => {});
    };
    const abort = (): void => { settle(); server.close(); reject(signal?.reason); };
    const succeed = (): void => { settle(); resolve(); };
    const fail = (cause: Error & { code?: string }): void => {
      settle();
      reject(new ConnectError("HF_LISTEN_FAILED", endpoint.label, `cannot listen on ${endpoint.label} (${cause.code ?? cause.message}): choose a free address of this machine`, { cause }));
    };
    signal?.addEventListener("abort", abort);
    server.on("listening", succeed).on("error", fail);
    server.listen(endpoint.port, endpoint.host);
  });
}

/** Upgraded sockets no longer belong to HTTP, so this cuts only those that have not come so far. */
function shut(server: Server): void {
  server.close();
  server.closeAllConnections();
}

/** The endpoint with the port the server really has, if it listens on one already. */
function bound(endpoint: Endpoint, server: Server): Endpoint {
  const address = server.address();
  if (address === null || typeof address === "string") return endpoint;
  const url = new URL(endpoint.uri);
  url.port = String(address.port);
  return parseEndpoint({ ...endpoint.options, uri: url.href });
}

/** Who connected, by address and port; a server on a Unix socket does not know. */
function remoteOf({ socket }: IncomingMessage): Endpoint {
  const { remoteAddress = "unknown", remotePort = 0 } = socket;
  const host = remoteAddress.replace(/^::ffff:/, "");
  return parseEndpoint(`${isEncrypted(socket) ? "wss" : "ws"}://${host.includes(":") ? `[${host}]` : host}:${remotePort}`);
}

function isEncrypted(socket: Socket & { readonly encrypted?: boolean }): boolean {
  return socket.encrypted === true;
}
