import type { Millis, Next } from "@holdfast/core";
import type { Agent, OutgoingHttpHeaders, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { CloseCodes } from "./close-codes.ts";
import type { PerDial } from "./per-dial.ts";
import type { TlsOptions } from "./tls-options.ts";

/** Request headers by name. */
export type Headers = OutgoingHttpHeaders;

/**
 * What is asked for at a dial. Also understood per endpoint, where headers and statuses are added to those of the transport and
 * everything else replaces it: `{ uri: 'wss://b.example/feed', headers: { authorization: … }, ca: … }`.
 */
export interface DialSettings extends TlsOptions {
  /**
   * Headers of the upgrade request, or a function that gives fresh ones before every dial (a token that expires). A function
   * that throws fails this dial only. Cannot replace the headers of the WebSocket handshake itself.
   */
  readonly headers?: PerDial<Headers>;
  /**
   * Subprotocols to offer, in order of preference, or a function that gives fresh ones. A server that chooses none of them is
   * refused. When listening: those we speak, of which the first one the client offers is chosen; without the option or with a
   * function the client's first offer is taken.
   */
  readonly protocols?: PerDial<string | readonly string[]>;
  /**
   * What to do about the HTTP status of a refused dial, before our own reading of it: `{ 401: 'retry', 404: 'stop' }`. Those of an
   * endpoint are added to those of the transport and win. Statuses that are not named: 401 and 403 mean `stop`, because the same
   * credentials would be refused again, but `elsewhere` where `headers` or `protocols` is a function: a token may expire between
   * its issue and the upgrade, the next dial brings another, and the link's backoff keeps it from hammering. 3xx, other 4xx and 503
   * mean `elsewhere`, other 5xx `retry`. Where a token is in the address (an endpoint source gives fresh ones), name 401 yourself.
   * Says nothing about close codes: see `closeCodes`.
   */
  readonly statuses?: Readonly<Record<number, Next>>;
  /**
   * Makes the connection: a proxy agent, for example. Its own TLS options win over ours. An `https.Agent` for `wss`, an
   * `http.Agent` for `ws`.
   * @default a connection of its own for every dial
   */
  readonly agent?: Agent;
}

/** What bounds a channel, dialled or accepted. */
export interface ChannelLimits {
  /**
   * Longest message in bytes, both ways. A longer one from the peer ends the channel (`HF_FRAME_TOO_LONG`, close code 1009)
   * before memory is set aside for it; `send` throws a `FrameError` for one of our own.
   * @default 1_048_576 (1 MiB)
   */
  readonly maxFrameBytes?: number;
  /**
   * How many pieces a message may arrive in: fragments of a message, or reads of an unfinished fragment. It bounds what a peer
   * can cost that sends a large message byte by byte.
   * @default one per 256 bytes of `maxFrameBytes`, and at least 1024
   */
  readonly maxFragments?: number;
  /**
   * Time for flushing and for the peer's answer to our close frame, in ms; then the socket is cut. 0 cuts it at the next
   * turn of the event loop.
   * @default 5_000
   */
  readonly closeTimeout?: Millis;
  /**
   * What to do about the peer's close codes, before our own reading of them: 1008, 1012, 1013 and 1014 mean `elsewhere`, 4401 and
   * 4403 (HTTP's 401 and 403) mean `stop`, or `elsewhere` where `headers` or `protocols` is a function, as with `statuses`; others
   * mean `retry`. A code named here is an error even if it is 1000, 1001 or 1005, which are orderly ends otherwise.
   */
  readonly closeCodes?: CloseCodes;
}

/** What only `listen` reads. */
export interface ListenSettings {
  /**
   * An HTTP(S) server to listen on, for its upgrade requests to the path of the endpoint. It is neither opened nor closed here, and its
   * time limits are its own.
   * @default a server of our own on the port of the endpoint
   */
  readonly server?: HttpServer | HttpsServer;
  /**
   * Web pages that may connect. `same-host`: those whose origin has the host and port that were asked for. A list names
   * origins as browsers write them (`https://app.example`). `*` lets every page in: right only where nothing depends on
   * cookies or on the network the browser is in. Requests without an `Origin`, which browsers cannot make, always pass.
   * @default 'same-host'
   */
  readonly origins?: Origins;
  /**
   * Time in ms for the TLS handshake and again for the upgrade request. Checked once per half of it.
   * @default 10_000
   */
  readonly handshakeTimeout?: Millis;
}

export type Origins = "same-host" | "*" | readonly string[];

/** Everything `websocket()` understands on Node. */
export interface WebSocketOptions extends DialSettings, ChannelLimits, ListenSettings {}
