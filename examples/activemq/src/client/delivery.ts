import type { StompFrame } from "../stomp/frame.ts";

/** How an answer to a delivery goes out. False: the connection that it came on is gone. */
export type Answer = (command: "ACK" | "NACK", id: string) => boolean;

/** One message of a broker, once delivered. */
export class Delivery {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly #answer: Answer;

  constructor({ headers, body }: StompFrame, answer: Answer) {
    this.headers = headers;
    this.body = body;
    this.#answer = answer;
  }

  get text(): string {
    return new TextDecoder().decode(this.body);
  }

  /** Names the message: the same for each time that its sender sent it, whatever broker it went through. */
  get sendId(): string | undefined {
    return this.headers.get("send-id");
  }

  /** The broker delivered it before, perhaps to us, and saw no ack: it may have been worked on. */
  get redelivered(): boolean {
    return this.headers.get("redelivered") === "true";
  }

  /** Its sender had no receipt and sent it again: there may be another one of the same `sendId`, perhaps on another broker. */
  get resent(): boolean {
    return this.headers.get("resent") === "true";
  }

  /**
   * Done with it: the broker may forget it. False: too late, the connection that it came on is gone, and the broker will deliver it
   * again, marked as redelivered. True says that the ack was written, not that the broker had it.
   */
  ack(): boolean {
    return this.#answer("ACK", this.headers.get("ack") ?? "");
  }

  /** Not done with it: the broker decides what becomes of it. False as for `ack`. */
  nack(): boolean {
    return this.#answer("NACK", this.headers.get("ack") ?? "");
  }
}
