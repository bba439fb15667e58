import { ConnectError, isHoldfastError, steps, type Endpoint, type Listener, type ListenOptions, type Millis } from "@holdfast/core";
import { retry } from "@holdfast/core/retry";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import { remoteOf, withPort } from "./remote.ts";
import { SocketChannel } from "./socket-channel.ts";
import type { SpareBuffers } from "./spare-buffers.ts";
import { removeStale } from "./stale-socket.ts";
import type { Settings } from "./tcp-options.ts";
import { tlsOf } from "./tls-options.ts";

/** A client that connects and says nothing holds a socket for so long. */
const handshakeTimeout: Millis = 10_000;
/** Between the tries for a busy address: a server that is restarted needs a moment until the old one is gone. */
const patience = steps([250, 500, 1_000]);

/** Rejects with a `ConnectError` (`HF_LISTEN_FAILED`), for a busy address after three more tries, or with `signal.reason`. */
export async function listen(endpoint: Endpoint, settings: Settings, spare: SpareBuffers, { accept, signal }: ListenOptions): Promise<Listener> {
  let closed = false;
  const welcome = (socket: Socket): void => {
    const remote = closed ? undefined : remoteOf(socket, endpoint);
    // Gone before it was accepted, or a handshake that ended after `close()`.
    if (remote === undefined) socket.on("error", () => {}).destroy();
    else accept(new SocketChannel(socket, { ...settings, remote, framer: settings.framing.start(settings.maxFrameBytes), spare }));
  };
  const server = await retry((turn) => open(endpoint, settings, welcome, turn.signal), {
    retries: 3, backoff: patience, clock: settings.clock, shouldRetry: ({ error }) => isBusy(error), ...(signal && { signal }),
  });
  return {
    endpoint: whereabouts(endpoint, server),
    close: async () => {
      closed = true;
      server.close(); // Frees the address at once; its callback would wait for the channels that live on.
    },
  };
}

/** One try. */
async function open(endpoint: Endpoint, settings: Settings, welcome: (socket: Socket) => void, signal: AbortSignal): Promise<Server> {
  if (endpoint.scheme === "unix") await removeStale(endpoint.path, signal);
  signal.throwIfAborted();
  const server = create(endpoint, settings, welcome);
  return new Promise((resolve, reject) => {
    const aborted = (): void => { server.close(); reject(signal.reason); };
    const settle = (): void => { signal.removeEventListener("abort", aborted); };
    signal.addEventListener("abort", aborted);
    // It stays: a failed accept (too many open files) must not end the process. That peer dials again.
    server.on("error", (cause) => { settle(); reject(listenError(endpoint, cause)); });
    server.on("listening", () => { settle(); resolve(server); });
    server.listen(endpoint.scheme === "unix" ? { path: endpoint.path } : { host: endpoint.host, port: endpoint.port });
  });
}

function create(endpoint: Endpoint, { noDelay, keepAlive, tls }: Settings, welcome: (socket: Socket) => void): Server {
  const common = { noDelay, ...(keepAlive !== false && { keepAlive: true, keepAliveInitialDelay: keepAlive }) };
  if (endpoint.scheme !== "tls") return createServer({ ...common, pauseOnConnect: true }, welcome);
  return createSecureServer({ ...common, ...tlsOf(tls, endpoint), handshakeTimeout, rejectUnauthorized: true }, welcome);
}

function whereabouts(endpoint: Endpoint, server: Server): Endpoint {
  const address = server.address();
  return address === null || typeof address === "string" ? endpoint : withPort(endpoint, address.port);
}

function listenError(endpoint: Endpoint, cause: Error & { readonly code?: string }): ConnectError {
  const code = cause.code ?? cause.message;
  const advice = code === "EADDRINUSE" ? "somebody listens there already: stop that process or choose another address" : "choose an address of this machine that this process may use";
  return new ConnectError("HF_LISTEN_FAILED", endpoint.label, `cannot listen on ${endpoint.label} (${code}); ${advice}`, { cause });
}

function isBusy(error: Error): boolean {
  return isHoldfastError(error) && error.cause instanceof Error && "code" in error.cause && error.cause.code === "EADDRINUSE";
}
