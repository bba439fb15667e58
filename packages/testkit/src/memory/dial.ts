import { ConnectError, LinkError, type Alarm, type Channel, type Endpoint } from "@holdfast/core";
import type { Connection, Side } from "./connection.ts";
import type { Loop } from "./loop.ts";
import type { Fate, Route } from "./weather.ts";

/** What a dial needs of the network it dials through. */
export interface Exchange {
  /** Where things happen that concern no member in particular. */
  readonly loop: Loop;
  route(from: string, to: Endpoint): Route;
  /** Makes a connection to whoever listens there; undefined where nobody does. `mute`: to nobody, and it succeeds. */
  connect(route: Route, from: string, dialer: Side, options: { readonly mute: boolean }): Connection | undefined;
}

/** Linux knocks so often before it gives a connect up, doubling the wait from one second: 127 seconds in all (tcp_syn_retries). */
const knocks = 7;
const firstWait = 1_000;

/** Dials once: a knock travels to the server, the answer travels back. Aborting ends it at any moment and leaves no connection. */
export function dial(exchange: Exchange, from: string, dialer: Side, signal: AbortSignal): Promise<Channel> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error); // Whatever the caller aborted with.
      return;
    }
    const attempt = new Attempt(exchange, from, dialer, (result) => {
      signal.removeEventListener("abort", abort);
      if (result instanceof Error) reject(result);
      else resolve(result);
    });
    const abort = (): void => {
      attempt.abandon();
      reject(signal.reason as Error); // As above.
    };
    signal.addEventListener("abort", abort, { once: true });
    attempt.knock();
  });
}

class Attempt {
  readonly #exchange: Exchange;
  readonly #from: string;
  readonly #dialer: Side;
  readonly #done: (result: Channel | ConnectError) => void;
  readonly #route: Route;
  #knocks = 0;
  #alarm: Alarm | undefined;
  #connection: Connection | undefined;

  constructor(exchange: Exchange, from: string, dialer: Side, done: (result: Channel | ConnectError) => void) {
    this.#exchange = exchange;
    this.#from = from;
    this.#dialer = dialer;
    this.#done = done;
    this.#route = exchange.route(from, dialer.remote);
  }

  knock(): void {
    const fate = this.#route.fate();
    if (fate === "hang") return;
    if (fate !== "lost") this.#after(this.#route.delay(), this.#exchange.loop, () => { this.#answer(fate); });
    else if (this.#knocks < knocks) this.#after(firstWait * 2 ** this.#knocks++, this.#exchange.loop, () => { this.knock(); });
    else this.#done(new ConnectError("HF_DIAL_FAILED", this.#label, `${this.#label} did not answer ${knocks} knocks; the network between here and there swallows them`));
  }

  abandon(): void {
    this.#alarm?.cancel();
    this.#connection?.near.abort(new LinkError("HF_ABORTED", `the dial to ${this.#label} was aborted`));
  }

  /** The knock has reached the server. */
  #answer(fate: Fate): void {
    const connection = fate === "refused" ? undefined : this.#exchange.connect(this.#route, this.#from, this.#dialer, { mute: fate === "mute" });
    this.#connection = connection;
    this.#after(this.#route.delay(), this.#dialer.loop, () => {
      if (connection !== undefined) this.#done(connection.near);
      else this.#done(new ConnectError("HF_DIAL_FAILED", this.#label, `${this.#label} refused the connection: nobody listens there; start the server first, or check the name`));
    });
  }

  get #label(): string {
    return this.#dialer.remote.label;
  }

  #after(ms: number, loop: Loop, run: () => void): void {
    this.#alarm = loop.arrival(loop.now() + ms, run);
  }
}
