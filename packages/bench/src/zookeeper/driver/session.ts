/** Told when an operation is over: with what went wrong, or nothing. */
export type Done = (error?: unknown) => void;

/** What happens to a session while it is used. */
export interface Hearer {
  /** Its connection is lost. */
  lost(): void;
  /** It is attached again, or for the first time. */
  attached(): void;
  /** It is over for good; `code` says why. */
  over(code: string): void;
}

export interface SessionOptions {
  readonly servers: string;
  readonly timeout: number;
  /** Of another one's `ticket()`: goes on with its session. */
  readonly ticket?: string;
  readonly hearer: Hearer;
}

/** What the benchmarks do with a client, whichever it is. With callbacks, for a promise would weigh on those who have none. */
export interface Session {
  /** Resolves when it is attached. */
  open(): Promise<void>;
  /** In hexadecimal digits. */
  readonly id: string;
  ticket(): string;
  get(path: string, done: Done): void;
  set(path: string, data: Buffer, done: Done): void;
  createEphemeral(path: string, done: Done): void;
  /** Reads the node and leaves a watch on it. */
  watch(path: string, fired: () => void, done: Done): void;
  close(): void;
}

export type MakeSession = (options: SessionOptions) => Session;

/** The same as a promise. */
export function settled(ask: (done: Done) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  ask((error) => {
    if (error === undefined || error === null) resolve();
    else reject(error as Error); // Each client has errors of its own; here nobody looks into them.
  });
  return promise;
}
