/** What a `failover:` URI can say, by ActiveMQ's names and in its units: ms, rounds over the list, bytes. */
export interface FailoverOptions {
  readonly initialReconnectDelay: number;
  readonly maxReconnectDelay: number;
  readonly useExponentialBackOff: boolean;
  readonly reconnectDelayExponent: number;
  /** −1: for ever. 0: a lost connection is not dialled again. */
  readonly maxReconnectAttempts: number;
  /** Until the first connection. −1: as `maxReconnectAttempts`. */
  readonly startupMaxReconnectAttempts: number;
  /** 0 and less: no warnings. */
  readonly warnAfterReconnectAttempts: number;
  readonly randomize: boolean;
  /** −1: for ever. */
  readonly timeout: number;
  readonly backup: boolean;
  readonly backupPoolSize: number;
  readonly priorityBackup: boolean;
  /** URIs with commas between them. Null: the first member. */
  readonly priorityURIs: string | null;
  readonly trackMessages: boolean;
  readonly maxCacheSize: number;
  readonly trackTransactionProducers: boolean;
  readonly updateURIsSupported: boolean;
  readonly updateURIsURL: string | null;
  readonly rebalanceUpdateURIs: boolean;
  readonly reconnectSupported: boolean;
}

export type FailoverOption = keyof FailoverOptions;

/** How the value of an option is read, and what becomes of it. */
export type Row = Reading & {
  /** The option of a link that it sets. Undefined, and `needs` as well: no link can do it yet. */
  readonly sets?: "backoff" | "shuffle" | "maxRounds" | "maxInitialRounds" | "warnAfter" | "standby" | "priority" | "outbox.ttl" | "outbox.resend";
  /** It sets no option of its own: it is about endpoints that others name, and `accept` in code has to say which of them may be dialled. */
  readonly needs?: "accept";
  /** Where no link can do it, or not by itself: the values that ask for nothing. */
  readonly off?: readonly unknown[];
};

type Reading =
  | { readonly kind: "flag" }
  | { readonly kind: "text" }
  | { readonly kind: "number"; readonly expected: string; readonly accepts: (value: number) => boolean };

const int = 2 ** 31 - 1;
const whole = (expected: string, accepts: (value: number) => boolean, largest = Number.MAX_SAFE_INTEGER): Reading =>
  ({ kind: "number", expected, accepts: (value) => Number.isInteger(value) && Math.abs(value) <= largest && accepts(value) });
const flag: Reading = { kind: "flag" };
const text: Reading = { kind: "text" };
const delay = whole("a whole number of ms of at least 0 (ActiveMQ takes a negative one for no wait at all)", (value) => value >= 0);
const rounds = whole(`-1 (for ever), 0 (never) or a number of rounds up to ${int} (ActiveMQ takes any other negative number for 1)`, (value) => value >= -1, int);

/** Every option there is. ActiveMQ's defaults are in `failoverDefaults`. */
export const rows: Readonly<Record<FailoverOption, Row>> = {
  initialReconnectDelay: { ...delay, sets: "backoff" },
  maxReconnectDelay: { ...delay, sets: "backoff" },
  useExponentialBackOff: { ...flag, sets: "backoff" },
  reconnectDelayExponent: { kind: "number", expected: "a number of at least 1, such as 2 or 1.5 (with less, ActiveMQ's waits shrink to nothing)", accepts: (value) => value >= 1, sets: "backoff" },
  maxReconnectAttempts: { ...rounds, sets: "maxRounds" },
  startupMaxReconnectAttempts: { ...rounds, sets: "maxInitialRounds" },
  warnAfterReconnectAttempts: { ...whole(`a whole number of rounds up to ${int}; 0: no warnings`, () => true, int), sets: "warnAfter" },
  randomize: { ...flag, sets: "shuffle" },
  timeout: { ...whole("-1 (for ever) or a whole number of ms of at least 1 (ActiveMQ takes 0 for endless, too)", (value) => value === -1 || value > 0), sets: "outbox.ttl" },
  backup: { ...flag, sets: "standby" },
  backupPoolSize: { ...whole(`a whole number from 1 to ${int}; without backups: backup=false`, (value) => value >= 1, int), sets: "standby" },
  priorityBackup: { ...flag, sets: "priority" },
  priorityURIs: { ...text, sets: "priority" },
  trackMessages: { ...flag, sets: "outbox.resend" },
  maxCacheSize: { ...whole(`a whole number of bytes from 0 to ${int}`, (value) => value >= 0, int), sets: "outbox.resend" },
  trackTransactionProducers: { ...flag, off: [false] },
  updateURIsSupported: { ...flag, needs: "accept", off: [false] },
  updateURIsURL: { ...text, needs: "accept" },
  rebalanceUpdateURIs: { ...flag, needs: "accept", off: [false] },
  reconnectSupported: { ...flag, needs: "accept", off: [false] },
};

/** True where no link can do what the option asks for. */
export function isBeyondUs(name: FailoverOption, value: unknown): boolean {
  const { sets, needs, off = [] } = rows[name];
  return sets === undefined && needs === undefined && !off.includes(value);
}

/** True where the option does something only together with `accept`. */
export function needsAccept(name: FailoverOption, value: unknown): boolean {
  const { needs, off = [] } = rows[name];
  return needs !== undefined && !off.includes(value);
}

/** What ActiveMQ does where the URI says nothing. A link has defaults of its own; docs/reference/failover-uri.md shows both. */
export const failoverDefaults: FailoverOptions = {
  initialReconnectDelay: 10,
  maxReconnectDelay: 30_000,
  useExponentialBackOff: true,
  reconnectDelayExponent: 2,
  maxReconnectAttempts: -1,
  startupMaxReconnectAttempts: -1,
  warnAfterReconnectAttempts: 10,
  randomize: true,
  timeout: -1,
  backup: false,
  backupPoolSize: 1,
  priorityBackup: false,
  priorityURIs: null,
  trackMessages: false,
  maxCacheSize: 131_072,
  trackTransactionProducers: true,
  updateURIsSupported: true,
  updateURIsURL: null,
  rebalanceUpdateURIs: true,
  reconnectSupported: true,
};

/** The option that is written so: with ActiveMQ, the first letter may be a capital one. */
export function optionNamed(written: string): FailoverOption | undefined {
  const name = written.slice(0, 1).toLowerCase() + written.slice(1);
  return Object.hasOwn(rows, name) ? name as FailoverOption : undefined; // hasOwn has just seen that it is one.
}
