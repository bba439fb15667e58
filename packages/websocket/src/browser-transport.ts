import { OptionError, systemClock, type Clock, type Transport } from "@holdfast/core";
import { checkAddress } from "./address.ts";
import { checkCloseCodes, type CloseCodes } from "./close-codes.ts";
import { dial } from "./native-dial.ts";
import type { PerDial } from "./per-dial.ts";

/** What `websocket()` understands in a browser. */
export interface WebSocketOptions {
  /**
   * Subprotocols to offer, or a function that gives fresh ones before every dial: the only place besides the URL where a
   * browser can put a token. Endpoints may carry `protocols` of their own, which replace these.
   */
  readonly protocols?: PerDial<string | readonly string[]>;
  /**
   * Longest message in bytes, both ways. A browser hands a message over only when it is whole, so a longer one has been in
   * memory when it ends the channel (`HF_FRAME_TOO_LONG`). `send` throws a `FrameError` for one of our own.
   * @default 1_048_576 (1 MiB)
   */
  readonly maxFrameBytes?: number;
  /**
   * What to do about the peer's close codes, before our own reading of them; as on Node: 4401 and 4403 mean `stop`, or `elsewhere` where
   * `protocols` is a function. Where a token is in the address (an endpoint source gives fresh ones), name them yourself.
   */
  readonly closeCodes?: CloseCodes;
  /** @default the clock of the machine */
  readonly clock?: Clock;
}

/**
 * WebSocket channels in browsers, and wherever else there is a global `WebSocket`. They cannot pause, their ping frames are out
 * of reach, and a failed dial does not say why: browsers keep that from scripts.
 *
 * Throws an `OptionError` for options that are wrong, and for those of Node that no browser can obey.
 */
export function websocket(options: WebSocketOptions = {}): Transport {
  const { protocols = [], maxFrameBytes = 2 ** 20, closeCodes = {}, clock = systemClock } = options;
  checkPossible(options);
  checkCloseCodes(closeCodes);
  if (!(maxFrameBytes > 0)) throw new OptionError("maxFrameBytes", "at least 1", maxFrameBytes);
  const rules = { maxFrameBytes, closeCodes, clock };
  return {
    schemes: ["ws", "wss"],
    traits: { listens: false, drains: true, pauses: false, pings: false, text: true, maxFrameBytes },
    check: (endpoint) => { checkAddress(endpoint); checkPossible(endpoint.options); },
    dial: (endpoint, { signal }) => dial(endpoint, signal, protocols, rules),
  };
}

/** An option that is silently without effect costs its user a day. */
function checkPossible(options: object): void {
  if ("statuses" in options) throw new OptionError("statuses", "left out in a browser: scripts are not told the status of a refusal");
  for (const name of ["headers", "agent", "ca", "cert", "key"]) {
    if (name in options) throw new OptionError(name, "left out in a browser: put a token in `protocols` or in the URL");
  }
}
