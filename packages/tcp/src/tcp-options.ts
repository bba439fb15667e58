import { OptionError, systemClock, type Clock, type Framing, type Millis } from "@holdfast/core";
import { lines } from "@holdfast/core/framing";
import { checkTls, type TlsOptions } from "./tls-options.ts";

export interface TcpOptions {
  /**
   * How the stream of bytes is cut into frames, unless the protocol brings its own framing, which wins. Both sides must agree.
   * @default lines()
   */
  readonly framing?: Framing;
  /**
   * Longest frame in bytes, both ways. A longer one from the peer ends the channel (`HF_FRAME_TOO_LONG`) before memory is set aside
   * for it; `send` throws a `FrameError` for one of our own. Does not count what the framing adds.
   * @default 1_048_576 (1 MiB)
   */
  readonly maxFrameBytes?: number;
  /**
   * False lets the system hold small writes back until the peer has confirmed earlier ones (Nagle's algorithm). Frames of one turn of
   * the event loop leave in one write either way.
   * @default true
   */
  readonly noDelay?: boolean;
  /**
   * Silence in ms after which the system itself begins to probe the peer; false: never. A safety net for links without a
   * heartbeat, and a slow one: Linux then takes another eleven minutes to give up. Unix sockets have none.
   * @default 60_000
   */
  readonly keepAlive?: Millis | false;
  /**
   * How long `close()` waits for the peer to take what was sent and to hang up as well, in ms. After that the socket is cut; what
   * was still unwritten is lost and shows as an error in `closed`. 0 cuts it at the next turn of the event loop.
   * @default 5_000
   */
  readonly closeTimeout?: Millis;
  /**
   * For endpoints with the scheme `tls`. An endpoint may bring its own as options, such as `{ uri: 'tls://h:1', ca }`; those win.
   * @default the certificate authorities of Node, and no certificate of our own
   */
  readonly tls?: TlsOptions;
  /** @default the clock of the machine */
  readonly clock?: Clock;
}

/** The options of a transport, checked and complete. */
export type Settings = Required<TcpOptions>;

const longestTimer = 2 ** 31 - 1;

/** Throws an `OptionError` for the first option that is wrong. */
export function settingsOf(options: TcpOptions): Settings {
  const { framing = lines(), maxFrameBytes = 2 ** 20, noDelay = true, keepAlive = 60_000, closeTimeout = 5_000, tls = {}, clock = systemClock } = options;
  if (typeof framing?.start !== "function") throw new OptionError("framing", "a framing such as lines() or lengthPrefix()", framing);
  whole("maxFrameBytes", maxFrameBytes, 1, 2 ** 30);
  if (typeof noDelay !== "boolean") throw new OptionError("noDelay", "true or false", noDelay);
  if (keepAlive !== false) whole("keepAlive", keepAlive, 1, longestTimer);
  whole("closeTimeout", closeTimeout, 0, longestTimer);
  checkTls(tls, "tls.");
  return { framing, maxFrameBytes, noDelay, keepAlive, closeTimeout, tls, clock };
}

function whole(option: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) throw new OptionError(option, `a whole number from ${least} to ${most}`, value);
}
