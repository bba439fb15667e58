import { ConnectError, Link, LinkError, OptionError, type Backoff, type LinkOptions, type Logger, type Millis } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { encode, type StompFrame } from "../stomp/frame.ts";
import { stomp, type Outgoing, type StompOptions } from "../stomp/protocol.ts";
import { Delivery } from "./delivery.ts";
import { Sends, type SendOptions } from "./sends.ts";
import { wanted, type SubscribeOptions, type Subscription, type Wanted } from "./subscription.ts";

export interface ActiveMqOptions extends StompOptions {
  /** The brokers' STOMP ports: `failover:(tcp://a:61613,tcp://b:61613)`, or an array. */
  readonly endpoints: LinkOptions<Outgoing, StompFrame>["endpoints"];
  /** Where more than TCP is wanted, such as TLS with certificates of your own. @default [tcp()] */
  readonly transports?: LinkOptions<Outgoing, StompFrame>["transports"];
  /** Most sends without a receipt; one more is refused. @default 1024 */
  readonly maxPending?: number;
  /** Shuffle the list, so that clients spread. @default true */
  readonly shuffle?: boolean;
  readonly backoff?: Backoff;
  readonly dialTimeout?: Millis;
  /** When the next broker is tried as well. @default 250 */
  readonly stagger?: Millis;
  readonly logger?: Logger | false;
}

/**
 * A client of ActiveMQ that outlives its connections. It keeps what it wants from the broker, and says it again to the next one in the
 * order in which Java's own client does: connection, subscriptions, sends without a receipt. See README.md for what that guarantees.
 */
export class ActiveMq implements AsyncDisposable {
  /** For its events and `snapshot()`. Messages go through the methods below. */
  readonly link: Link<Outgoing, StompFrame>;
  readonly #sends: Sends;
  readonly #subscriptions = new Map<string, Wanted>();
  /** The connection that there is; undefined while there is none. */
  #epoch: number | undefined;
  #last = 0;
  /** Whoever waits until nothing is pending. */
  #settled: PromiseWithResolvers<void> | undefined;

  constructor({ endpoints, transports = [tcp()], maxPending = 1_024, shuffle, backoff, dialTimeout, stagger, logger, ...options }: ActiveMqOptions) {
    if (!(maxPending >= 1)) throw new OptionError("maxPending", "a number of at least 1", maxPending);
    this.#sends = new Sends({ maxPending, maxFrameBytes: Math.min(...transports.map(({ traits }) => traits.maxFrameBytes)) });
    this.link = new Link<Outgoing, StompFrame>({
      endpoints, transports, protocol: stomp(options),
      // What waits there belongs to a live connection, and is bounded: by maxPending, and by what the broker sends ahead without an ack.
      outbox: { maxMessages: Infinity, maxBytes: Infinity },
      ...(shuffle !== undefined && { shuffle }), ...(backoff && { backoff }), ...(dialTimeout !== undefined && { dialTimeout }), ...(stagger !== undefined && { stagger }), ...(logger !== undefined && { logger }),
    });
    this.link.on("connected", ({ epoch }) => { this.#replay(epoch); });
    this.link.on("disconnected", () => { this.#epoch = undefined; });
    this.link.on("message", (frame) => { this.#heard(frame); });
    this.link.on("closed", ({ error }) => { this.#over(error); });
  }

  /** Resolves when a broker has let us in; rejects when one refuses for good. */
  open(options?: { readonly signal?: AbortSignal }): Promise<void> {
    return this.link.open(options);
  }

  /** Sends that no broker has confirmed, and how many were sent more than once so far. */
  get pending(): { readonly sends: number; readonly resent: number } {
    return { sends: this.#sends.size, resent: this.#sends.resent };
  }

  /**
   * Resolves when a broker has the message on its disk: the receipt came. Until then it is sent again after each failover, marked
   * `resent`, so it may arrive twice. Rejects with `signal.reason`, with a `BackpressureError` when it was not taken, with a
   * `ConnectError` when the broker refused it, and with a `LinkError` when the client ended first: then nobody knows.
   */
  send(destination: string, body: Uint8Array | string, options: SendOptions = {}): Promise<void> {
    if (this.link.phase === "closed") return Promise.reject(new LinkError("HF_CLOSED", "this client is closed and takes no more messages: make a new one", { next: "stop" }));
    return this.#sends.add(destination, body, options, (bytes) => this.#write(bytes));
  }

  /** From now on, on every connection, until it is closed. */
  subscribe(destination: string, heard: (delivery: Delivery) => void, options: SubscribeOptions = {}): Subscription {
    const id = `subscription-${this.#last += 1}`;
    const want = wanted(id, destination, heard, options);
    this.#subscriptions.set(id, want);
    this.#write(want.subscribe);
    return {
      id, destination,
      close: () => { if (this.#subscriptions.delete(id)) this.#write(want.unsubscribe); },
    };
  }

  /** Waits for receipts that are missing, `within` ms at most, says goodbye, and resolves when the connection is gone. */
  async close({ within = 5_000 }: { readonly within?: Millis } = {}): Promise<void> {
    if (this.#sends.size > 0 && this.link.phase !== "closed") {
      this.#settled ??= Promise.withResolvers<void>();
      const timer = setTimeout(this.#settled.resolve, within);
      await this.#settled.promise;
      clearTimeout(timer);
    }
    await this.link.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** False: there is no connection, and whatever it was is said on the next one. */
  #write(bytes: Uint8Array, epoch = this.#epoch): boolean {
    if (epoch === undefined || epoch !== this.#epoch) return false;
    this.link.send({ epoch, bytes });
    return true;
  }

  #replay(epoch: number): void {
    this.#epoch = epoch;
    for (const { subscribe } of this.#subscriptions.values()) this.#write(subscribe);
    this.#sends.replay((bytes) => this.#write(bytes));
  }

  #heard(frame: StompFrame): void {
    const { command, headers } = frame;
    if (command === "MESSAGE") {
      const epoch = this.#epoch;
      this.#subscriptions.get(headers.get("subscription") ?? "")?.heard(new Delivery(frame, (answer, id) => this.#write(encode(answer, { id }), epoch)));
      return;
    }
    const receipt = headers.get("receipt-id");
    if (command === "ERROR") this.#refused(receipt, headers.get("message") ?? "it did not say why");
    else this.#sends.answered(receipt);
    if (this.#sends.size === 0) this.#settled?.resolve();
  }

  /** What the broker refused is not said again: it would refuse it for ever, and everything else with it. */
  #refused(receipt: string | undefined, why: string): void {
    const error = new ConnectError("HF_REFUSED", this.link.endpoint ?? "", `the broker refused: ${why}`, { next: "stop" });
    this.#sends.answered(receipt, error);
    const want = this.#subscriptions.get(receipt ?? "");
    this.#subscriptions.delete(receipt ?? "");
    want?.refused?.(error);
  }

  #over(cause: Error | undefined): void {
    this.#sends.fail(new LinkError("HF_CLOSED", "the client was closed before the broker confirmed this message: it may have it or not", { cause, next: "stop" }));
    this.#settled?.resolve();
  }
}
