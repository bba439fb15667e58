import { setTimeout as sleep } from "node:timers/promises";
import { monotonic } from "../../monotonic.ts";
import { settled, type MakeSession, type Session } from "./session.ts";

/** How a session fared since something was broken. */
export interface Fared {
  /** From the break to the first read that succeeded, in ms; null where none did in time. */
  readonly took: number | null;
  /** From the break to when its client told of a loss; null where it did not. */
  readonly told: number | null;
  /** Reads that failed meanwhile. */
  readonly errors: number;
  /** Why the session is over, if it is. */
  readonly over: string | null;
}

interface Success { readonly started: number; readonly ended: number }

/** Time that a server which is killed may go on for: its threads end when they are next seen. */
const dying = 2;

/** Reads a node through one session all the time, and remembers when that worked. */
export class User {
  readonly session: Session;
  readonly #options: { readonly path: string };
  #successes: Success[] = [];
  #losses: number[] = [];
  #errors = 0;
  #over: string | null = null;
  #stopped = false;
  #fired = true;
  #wake = Promise.withResolvers<void>();

  constructor(make: MakeSession, given: { readonly servers: string; readonly timeout: number; readonly path: string }) {
    this.#options = given;
    this.session = make({ servers: given.servers, timeout: given.timeout, hearer: {
      lost: () => { this.#hear(() => this.#losses.push(monotonic())); },
      attached: () => { this.#hear(() => { /* The next read may begin. */ }); },
      over: (code) => { this.#hear(() => { this.#over = code; }); },
    } });
  }

  get over(): string | null {
    return this.#over;
  }

  get fired(): boolean {
    return this.#fired;
  }

  /** Begins to read, and goes on until `stop()`. */
  start(): void {
    void this.#read();
  }

  stop(): void {
    this.#stopped = true;
    this.session.close();
  }

  async arm(path: string): Promise<void> {
    this.#fired = false;
    await settled((done) => { this.session.watch(path, () => { this.#fired = true; }, done); });
  }

  /** What was before does not count any more. */
  mark(): void {
    this.#successes = [];
    this.#losses = [];
    this.#errors = 0;
  }

  /** `wasAttached`: to the server that was broken, which answers nothing that was asked later. Others first have to lose their connection. */
  async fare(at: number, wasAttached: boolean, within: number): Promise<Fared> {
    for (;;) {
      const back = this.#back(at, wasAttached);
      if (back !== undefined || monotonic() > at + within || this.#over !== null) {
        const loss = this.#losses.find((one) => one >= at);
        return { took: back === undefined ? null : back - at, told: loss === undefined ? null : loss - at, errors: this.#errors, over: this.#over };
      }
      await sleep(5);
    }
  }

  #back(at: number, wasAttached: boolean): number | undefined {
    const loss = this.#losses.find((one) => one >= at) ?? Infinity;
    return this.#successes.find(({ started, ended }) => ended > loss || (wasAttached && started > at + dying))?.ended;
  }

  #hear(note: () => void): void {
    note();
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }

  /** A pause after each success, cut short by news: so something is asked for when it matters, and the machine is left alone when not. */
  async #read(): Promise<void> {
    while (!this.#stopped) {
      const started = monotonic();
      try {
        await settled((done) => { this.session.get(this.#options.path, done); });
        this.#successes.push({ started, ended: monotonic() });
        await this.#pause(5);
      } catch {
        this.#errors += 1;
        await sleep(1);
      }
    }
  }

  async #pause(most: number): Promise<void> {
    const timer = setTimeout(this.#wake.resolve, most);
    await this.#wake.promise;
    clearTimeout(timer);
    this.#wake = Promise.withResolvers<void>();
  }
}
