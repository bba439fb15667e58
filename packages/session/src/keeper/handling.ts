import type { Message } from "../frames/frame.ts";
import type { Held, SessionId } from "../store/store.ts";
import type { KeeperChannel } from "./channel.ts";
import type { HandlerContext, KeptSession } from "./kept-session.ts";
import { check, type Seat } from "./seat.ts";

/** What a handler gets with one message: the session as seen from there, where what is sent belongs to the message. One object for both. */
export class Handling implements HandlerContext, KeptSession {
  readonly sequence: number;
  readonly #seat: Seat;
  readonly #channel: KeeperChannel;

  constructor(seat: Seat, channel: KeeperChannel, sequence: number) {
    this.#seat = seat;
    this.#channel = channel;
    this.sequence = sequence;
  }

  get session(): KeptSession { return this; }
  get key(): string { return this.#seat.key; }
  get id(): SessionId { return this.#seat.id; }
  get principal(): string { return this.#seat.principal; }
  get epoch(): number { return this.#seat.epoch; }
  get attached(): boolean { return this.#seat.attached; }
  toJSON(): object { return this.#seat.toJSON(); }

  send(message: Message): void {
    check(message);
    const verdict = this.#channel.reply(message, this.sequence);
    // The handler is done, or its channel: then it is a message like any other.
    if (verdict === "over") this.#seat.send(message);
    else this.#seat.deliver(message, verdict);
  }

  sendVolatile(message: Message): boolean { return this.#seat.sendVolatile(message); }
  close(): Promise<void> { return this.#seat.close(); }
  hold(key: string, value: string): Promise<Held> { return this.#seat.hold(key, value); }
  release(key: string): Promise<void> { return this.#seat.release(key); }
}
