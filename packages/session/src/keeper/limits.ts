import { OptionError, type Millis } from "@holdfast/core";
import { limits as spec } from "../frames/limits.ts";

/** What sessions and their clients may cost. Durations in ms. `Infinity` lifts a limit that counts something. */
export interface KeeperLimitOptions {
  /** Most sessions attached here at once. The last tenth is kept for clients that return. @default 10000 */
  readonly maxSessions?: number;
  /** Sessions that one address may open in a second, and at once after a quiet one. Behind a reverse proxy everybody has its address: raise it there. @default 100 */
  readonly opensPerSecond?: number;
  /** Wrong proofs that one address may show in a minute; then all its attaches wait. Behind a reverse proxy set `Infinity`. @default 10 */
  readonly failuresPerMinute?: number;
  /** The timeout of a client that asks for none. @default 30000 */
  readonly timeout?: Millis;
  /** The shortest timeout a client gets. @default 4000 */
  readonly timeoutMin?: Millis;
  /** The longest timeout a client gets. @default 120000 */
  readonly timeoutMax?: Millis;
  /** How often clients are told to be heard: this, or a sixth of their timeout where that is less. @default 5000 */
  readonly heartbeat?: Millis;
  /** Longest frame that is read, in bytes: 4096 to 1048576. Longer messages come in up to 64 fragments. @default 65536 */
  readonly frameMax?: number;
  /** Messages that a client may have under way, not acknowledged. Fewer than a client can send in a pause of its keeper's process make it stand still. @default 4096 */
  readonly windowMessages?: number;
  /** Their bytes; also the longest message. @default 1048576 */
  readonly windowBytes?: number;
  /** Most bytes for one client that it has not acknowledged; `send` throws a `BackpressureError` beyond it. @default 1048576 */
  readonly maxBytes?: number;
  /** The same for all clients of this process together, as far as it holds them in memory. @default 268435456 */
  readonly maxOutgoingBytes?: number;
  /** After so many failures of `handle` at one message in this process its session is closed. @default 3 */
  readonly handlerRetries?: number;
  /** How long a returning client waits for a handler that is still at work on a message of its old channel. 0: not at all. @default 2000 */
  readonly handoverTimeout?: Millis;
  /** How often the store is asked to end what has expired. @default 1000 */
  readonly expireEvery?: Millis;
}
export type KeeperLimits = Required<KeeperLimitOptions>;

export const defaultKeeperLimits: KeeperLimits = {
  maxSessions: 10_000, opensPerSecond: 100, failuresPerMinute: 10, timeout: 30_000, timeoutMin: 4_000, timeoutMax: 120_000, heartbeat: 5_000,
  frameMax: 65_536, windowMessages: 4_096, windowBytes: 1_048_576, maxBytes: 1_048_576, maxOutgoingBytes: 268_435_456, handlerRetries: 3,
  handoverTimeout: 2_000, expireEvery: 1_000,
};

const least: KeeperLimits = {
  maxSessions: 1, opensPerSecond: 1, failuresPerMinute: 1, timeout: 1, timeoutMin: 1, timeoutMax: 1, heartbeat: 1,
  frameMax: spec.greeting, windowMessages: 1, windowBytes: 1, maxBytes: 1, maxOutgoingBytes: 1, handlerRetries: 1, handoverTimeout: 0, expireEvery: 1,
};
/** These travel as numbers, so they must be whole. */
const whole: readonly (keyof KeeperLimits)[] = ["timeout", "timeoutMin", "timeoutMax", "heartbeat", "frameMax", "windowMessages", "windowBytes"];

/** Fills in the defaults. Throws an `OptionError` naming the first limit that makes no sense. */
export function resolveKeeperLimits(options: KeeperLimitOptions = {}): KeeperLimits {
  const limits: { -readonly [Name in keyof KeeperLimits]: number } = { ...defaultKeeperLimits };
  for (const name of Object.keys(defaultKeeperLimits) as (keyof KeeperLimits)[]) { // Its own keys.
    const value = options[name];
    if (value === undefined) continue;
    if (typeof value !== "number" || !(value >= least[name])) throw new OptionError(`limits.${name}`, `a number of at least ${least[name]}`, value);
    if (whole.includes(name) && !Number.isSafeInteger(value)) throw new OptionError(`limits.${name}`, "a whole number", value);
    limits[name] = value;
  }
  if (limits.frameMax > spec.frameMax) throw new OptionError("limits.frameMax", `at most ${spec.frameMax}`, limits.frameMax);
  if (limits.timeoutMin > limits.timeoutMax) throw new OptionError("limits.timeoutMin", "at most limits.timeoutMax", limits.timeoutMin);
  limits.timeout = Math.min(limits.timeoutMax, Math.max(limits.timeoutMin, limits.timeout));
  return limits;
}
