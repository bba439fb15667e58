import { OptionError, type Clock, type Random } from "@holdfast/core";

export interface MemoryStoreOptions {
  /** Most sessions at a time; `create` answers `full` beyond it. 0: none. Tombstones do not count. @default 100000 */
  readonly maxSessions?: number;
  /** Most bytes of messages that wait, of all sessions; `commit` and `append` answer `full` beyond it. Each session has its own limit besides. @default 268435456 */
  readonly maxBytes?: number;
  /** Most keys that one session holds; `hold` answers `full` beyond it. @default 1000 */
  readonly keysPerSession?: number;
  /** Most tombstones; the oldest go first, before their ten timeouts are over. 0: who returns too late is told "unknown", not "expired". @default 100000 */
  readonly maxTombstones?: number;
  /** Where time comes from. @default systemClock */
  readonly clock?: Clock;
  /** Where the generation comes from. @default Math.random */
  readonly random?: Random;
}

type Limits = Required<Omit<MemoryStoreOptions, "clock" | "random">>;

const defaults: Limits = { maxSessions: 100_000, maxBytes: 268_435_456, keysPerSession: 1_000, maxTombstones: 100_000 };

export function resolveMemoryStore(options: MemoryStoreOptions): Limits {
  const limit = (name: keyof Limits): number => {
    const value = options[name] ?? defaults[name];
    if (typeof value === "number" && value >= 0) return value;
    throw new OptionError(name, "a number of at least 0", value);
  };
  return { maxSessions: limit("maxSessions"), maxBytes: limit("maxBytes"), keysPerSession: limit("keysPerSession"), maxTombstones: limit("maxTombstones") };
}
