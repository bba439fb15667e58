import type { Channel, ConnectError, Endpoint } from "@holdfast/core";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, type ClientOptions } from "ws";
import { freshCodes } from "./close-codes.ts";
import { dialError, requestError, statusError } from "./dial-error.ts";
import type { NamedCodes } from "./named-codes.ts";
import { isFresh, valueFor } from "./per-dial.ts";
import { dialSettingsOf, type Settings } from "./settings.ts";
import { freshStatuses } from "./statuses.ts";
import { protocolList } from "./subprotocol.ts";
import { tlsOptions, type TlsOptions } from "./tls-options.ts";
import type { DialSettings, Headers } from "./websocket-options.ts";
import { WsChannel } from "./ws-channel.ts";
import { wsLimits } from "./ws-limits.ts";

/** Dials once: asks for what is to be fresh, then for the WebSocket. */
export function dial(endpoint: Endpoint, signal: AbortSignal, settings: Settings): Promise<Channel> {
  return new Promise((resolve, reject) => {
    let ws: WebSocket | undefined;
    const settle = (): void => {
      signal.removeEventListener("abort", abort);
      ws?.removeAllListeners();
    };
    const fail = (reason: unknown): void => {
      settle();
      ws?.on("error", () => {}); // What a socket says while it is cut interests nobody, but an unheard `error` would end the process.
      ws?.terminate();
      reject(reason);
    };
    const abort = (): void => { fail(signal.reason); };
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    else requestFor(endpoint, signal, settings.dial).then((request) => {
      if (signal.aborted) return;
      ws = ask(endpoint, settings, request);
      const succeed = (opened: WebSocket, socket: Duplex): void => {
        settle();
        resolve(new WsChannel(opened, socket, endpoint, request.fresh ? { ...settings, closeCodes: freshCodes(settings.closeCodes) } : settings));
      };
      watch(ws, endpoint.label, request.statuses, { succeed, fail });
    }).catch(fail);
  });
}

interface Outcome {
  readonly succeed: (ws: WebSocket, socket: Duplex) => void;
  readonly fail: (error: ConnectError) => void;
}

/** Waits for the answer of the server. */
function watch(ws: WebSocket, label: string, statuses: NamedCodes, { succeed, fail }: Outcome): void {
  // ws announces every upgrade, with its socket, right before it opens.
  ws.on("upgrade", (response: IncomingMessage) => {
    ws.on("open", () => { succeed(ws, response.socket); });
  });
  ws.on("unexpected-response", (_: ClientRequest, response: IncomingMessage) => { fail(statusError(label, response, statuses)); });
  ws.on("error", (error) => { fail(dialError(label, error)); });
}

/** What one dial asks for, every function already called. */
interface Request {
  readonly headers: Headers;
  readonly protocols: string | readonly string[];
  readonly agent: DialSettings["agent"] | undefined;
  readonly tls: TlsOptions;
  readonly statuses: NamedCodes;
  /** The next dial may bring other credentials. */
  readonly fresh: boolean;
}

async function requestFor(endpoint: Endpoint, signal: AbortSignal, common: DialSettings): Promise<Request> {
  const own = dialSettingsOf(endpoint);
  const context = { endpoint, signal };
  const offer = own.protocols ?? common.protocols ?? [];
  const fresh = isFresh(common.headers, own.headers, offer);
  const [headers, ownHeaders, protocols] = await Promise.all([
    valueFor<Headers>("headers", common.headers ?? {}, context),
    valueFor<Headers>("headers", own.headers ?? {}, context),
    valueFor<string | readonly string[]>("protocols", offer, context),
  ]);
  const statuses = { ...(fresh && freshStatuses), ...common.statuses, ...own.statuses };
  return { headers: mergeHeaders(headers, ownHeaders), protocols, agent: own.agent ?? common.agent, tls: tlsOptions(common, own), statuses, fresh };
}

/** Starts the handshake. Throws a `ConnectError` for what cannot be put into a request. */
function ask(endpoint: Endpoint, settings: Settings, { headers, protocols, agent, tls }: Request): WebSocket {
  const options = { ...wsLimits(settings), ...tls, headers, ...(agent && { agent }), rejectUnauthorized: true, followRedirects: false };
  try {
    return new WebSocket(endpoint.uri, protocolList(protocols), options as ClientOptions); // Its types want header values to be strings; Node takes lists too.
  } catch (error) {
    throw requestError(endpoint.label, error);
  }
}

/** The endpoint's win, whatever their case. */
function mergeHeaders(common: Headers, own: Headers): Headers {
  const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  return { ...Object.fromEntries(Object.entries(common).filter(([name]) => !names.has(name.toLowerCase()))), ...own };
}
