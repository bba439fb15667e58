import { BackpressureError, isHoldfastError, LinkError, type DropCause, type WriteOptions } from "@holdfast/core";
import { measure, Reader, Sender, type ReaderFlow, type SenderOwner, type Waiting, type Wire } from "@holdfast/core/engine";
import type { Gone, PeerEvents } from "./events.ts";
import type { ServerSettings } from "./options.ts";
import type { Peer } from "./peer.ts";
import { nameOf } from "./verdicts.ts";
import type { Speaker, Voice } from "./voice.ts";

/** The messages of one peer, both ways: out through the bounded outbox, in to the listeners and readers. */
export class Mailbox<Out, In> implements SenderOwner<Out>, ReaderFlow<In>, Speaker {
  readonly #peer: Peer<Out, In>;
  readonly #wire: Wire<Out, In>;
  readonly #voice: Voice;
  readonly #maxUnread: number;
  readonly #sender: Sender<Out, In>;
  /** Made when somebody reads, or a message finds no listener. */
  #reader: Reader<In> | undefined;
  #lost = false;

  constructor(peer: Peer<Out, In>, wire: Wire<Out, In>, { protocol, outbox, clock, limits }: ServerSettings<Out, In>, voice: Voice) {
    this.#peer = peer;
    this.#wire = wire;
    this.#voice = voice;
    this.#maxUnread = limits.maxUnread;
    this.#sender = new Sender(outbox, clock, protocol.size ?? measure, this);
    this.#sender.attach(wire);
  }

  get waiting(): Waiting {
    return this.#sender.waiting;
  }

  send(message: Out): boolean {
    return this.#sender.send(message);
  }

  write(message: Out, options?: WriteOptions): Promise<void> {
    return this.#sender.write(message, options);
  }

  /** As `send`, for one message to many: a peer that cannot take it is told of in its own `dropped` and hurts no other. */
  offer(message: Out): boolean {
    try {
      this.#sender.send(message);
      return true;
    } catch (error) {
      if (isHoldfastError(error) && error.code === "HF_CLOSED") return false; // It is leaving: not a message it was promised.
      this.tell("dropped", { message, why: error instanceof BackpressureError ? "overflow" : "unsendable", error });
      return false;
    }
  }

  receive(message: In): void {
    this.#voice.say(this, "message", message);
  }

  /** The channel takes messages again. */
  flush(): void {
    this.#sender.flush();
  }

  /** Hands what waits to the channel and takes nothing more. */
  finish(): void {
    this.#sender.close();
  }

  /** The channel is lost: what waits is dropped, and told; then comes the last word, if there is one. */
  lose(gone?: Gone): void {
    this.#sender.detach();
    this.#sender.close();
    this.#lost = true;
    this.#reader?.end(undefined);
    if (gone !== undefined) this.tell("gone", gone);
  }

  iterate(): AsyncIterableIterator<In, undefined> {
    return this.#read().iterate();
  }

  // --- from the sender and the reader -----------------------------------------------------------------------------

  drained(): void { this.tell("drained"); }
  dropped(message: Out, why: DropCause, error?: unknown): void { this.tell("dropped", { message, why, ...(error === undefined ? {} : { error }) }); }
  unread(message: In): void { this.tell("dropped", { message, why: "unread" }); }
  pause(): boolean { return this.#wire.pause(); }
  resume(): void { this.#wire.resume(); }

  full({ messages, bytes }: Waiting): BackpressureError {
    return new BackpressureError(`${nameOf(this.#peer)} reads too slowly: its outbox is full (${messages} messages, ${bytes} bytes), and this message was not taken. Use write() to wait for room, or set outbox.overflow to drop instead`);
  }

  closed(): LinkError {
    return new LinkError("HF_CLOSED", `${nameOf(this.#peer)} is closed or gone and takes no more messages: wait for it to come back`, { next: "stop" });
  }

  #read(): Reader<In> {
    this.#reader ??= new Reader(this.#maxUnread, this);
    if (this.#lost) this.#reader.end(undefined);
    return this.#reader;
  }

  tell<Name extends keyof PeerEvents<Out, In>>(name: Name, ...event: PeerEvents<Out, In>[Name]): void {
    this.#voice.say(this, name, event[0]);
  }

  /** A message nobody listens to waits for the first reader, as far as there is room. */
  speak(name: string, event: unknown): void {
    let listened = true;
    try {
      // `tell` and `receive` have seen to it that name and event belong together.
      listened = (this.#peer.emit as (name: string, event: unknown) => boolean).call(this.#peer, name, event);
    } finally {
      if (name === "message" && (!listened || this.#reader?.active === true)) this.#read().push(event as In);
    }
  }
}
