import type { HoldfastError } from "../errors/holdfast-error.ts";
import { LinkError } from "../errors/link-error.ts";
import type { LossCause } from "../machine/link-state.ts";
import type { RoundTripTime } from "../machine/round-trip.ts";
import { applyTerms, detectionBound, type Heartbeat } from "../policy/heartbeat.ts";
import type { Channel, Farewell, Frame } from "../ports/channel.ts";
import type { Clock, Millis, Random } from "../ports/clock.ts";
import type { Endpoint } from "../ports/endpoint.ts";
import type { Conversation, LeaveNotice, Line, Protocol, Role, Terms } from "../ports/protocol.ts";
import { Congestion, maxUnread } from "./congestion.ts";
import { Ear, type Listening } from "./ear.ts";
import { Early } from "./early.ts";
import { Heart, type Body } from "./heart.ts";
import { Receipts } from "./receipts.ts";
import { asHoldfast, causeOf } from "./verdict.ts";
import type { WireOwner } from "./wire-owner.ts";

export interface WireParts<Out, In> {
  readonly owner: WireOwner<In>;
  readonly channel: Channel;
  readonly protocol: Protocol<Out, In>;
  readonly role: Pick<Role, "epoch">;
  readonly heartbeat: Heartbeat | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * One channel with its conversation and its pulse: all there is to one connection, on either side.
 *
 * The hot path is here: a frame that arrives is stamped and handed to the conversation, a message that leaves is counted and
 * handed to the conversation. The pulse learns of both when it next wakes.
 */
export class Wire<Out, In> implements Line<In>, Listening, Body {
  readonly epoch: number;
  /** The peer goes on with what it knew of us (`Terms.resumed`). */
  resumed = false;
  readonly #owner: WireOwner<In>;
  readonly #channel: Channel;
  readonly #clock: Clock;
  readonly #random: Random;
  #conversation: Conversation<Out> | undefined;
  #heartbeat: Heartbeat | undefined;
  /** From the greeting on, where there is a heartbeat. */
  #heart: Heart | undefined;
  /** `parting`: we said goodbye, and what is sent now is ignored. */
  #phase: "greeting" | "met" | "parting" | "over" = "greeting";
  /** Terms of a conversation that greets while it is being started: nobody could answer it yet. */
  #hasty: Terms | undefined;
  #heardAt: Millis;
  #sentAt: Millis;
  /** While the channel asks us to wait. */
  #congestion: Congestion | undefined;
  /** From the first message that is sent or confirmed: a link that only listens needs none. */
  #receipts: Receipts | undefined;
  /** An answer is overdue, and nothing was heard since. */
  #doubted = false;
  /** Of a channel in reserve: what arrives before it is used. */
  #early: Early<In> | undefined;

  constructor(parts: WireParts<Out, In>) {
    this.#owner = parts.owner;
    this.#channel = parts.channel;
    this.#heartbeat = parts.heartbeat;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#heardAt = this.#sentAt = parts.clock.now();
    this.epoch = parts.role.epoch;
  }

  /** Begins the conversation, then opens the channel: the greeting is on its way before anything is read. */
  start(protocol: Protocol<Out, In>, role: Role): void {
    try {
      this.#conversation = protocol.start(this, role);
    } catch (error) {
      const failure = asHoldfast(error, "the protocol could not start a conversation");
      this.#end("refused", failure);
      this.#channel.abort(failure);
    }
    if (this.#hasty) this.greeted(this.#hasty);
    const frames = this.#early?.frames;
    this.#early = role.duty === "standby" ? new Early() : undefined;
    // Also where it is over already: only to a handler can the channel say that it is closed.
    if (frames === undefined) this.#channel.receive(new Ear(this));
    else for (const frame of frames) this.frame(frame);
  }

  /** Listens before the conversation begins: so the end of a channel in reserve is heard. */
  attend(): void {
    if (this.#conversation !== undefined || this.#early !== undefined || this.#phase === "over") return;
    this.#early = new Early();
    this.#channel.receive(new Ear(this));
  }

  /** A channel in reserve is used from now on. */
  activate(): void {
    if (this.#early) this.#conversation?.activate?.();
  }

  /** What arrived before it was used. */
  deliver(): void {
    const early = this.#early;
    this.#early = undefined;
    for (const message of early?.messages ?? []) this.message(message);
  }

  // --- from the owner ---------------------------------------------------------------------------------------------

  /** Sends a message. False: taken, wait for `drained`. Throws what the conversation throws when the message cannot be encoded. */
  say(message: Out): boolean {
    const receipts = (this.#receipts ??= new Receipts());
    receipts.sent += 1; // First: the channel may end inside the send, and then the count is told.
    try {
      return this.#conversation?.send(message) ?? false;
    } catch (error) {
      receipts.sent -= 1;
      throw error;
    }
  }

  get remote(): Endpoint {
    return this.#channel.remote;
  }

  /** The label of the endpoint at the other end. */
  get endpoint(): string {
    return this.#channel.remote.label;
  }

  /** Messages sent that the peer has not vouched for. */
  get unconfirmed(): number {
    return this.#receipts?.unconfirmed ?? 0;
  }

  /** When the last frame arrived; before the first one, when the channel did. */
  get heardAt(): Millis {
    return this.#heardAt;
  }

  /** Since when the channel has taken nothing off our hands; Infinity while it does not ask us to wait. */
  get blockedSince(): Millis {
    return this.#congestion?.since ?? Infinity;
  }

  /** When the last frame left; before the first one, when the channel came. */
  get sentAt(): Millis {
    return this.#sentAt;
  }

  get rtt(): RoundTripTime | undefined {
    return this.#heart?.rtt;
  }

  /** Milliseconds from the peer's last proof of life to the verdict; Infinity without a heartbeat. */
  detectionBound(peer?: "silent" | "talking"): Millis {
    if (this.#heartbeat === undefined) return Infinity;
    return this.#heart?.detectionBound(peer) ?? detectionBound(this.#heartbeat, peer);
  }

  /** Nothing that was sent is uncertain, or nobody will ever say so. Asks for it otherwise; `proven` follows. */
  settled(): boolean {
    return this.unconfirmed === 0 || !this.asks();
  }

  /** It can be asked, and answers. */
  get answers(): boolean {
    return this.#heartbeat?.mode === "round-trip";
  }

  probe(): void {
    this.#heart?.step({ type: "probe" });
  }

  /** Asks for a sign of life; `proven` follows. False where nobody can ask. */
  asks(): boolean {
    if (!this.answers) return false;
    this.probe();
    return this.#heart !== undefined;
  }

  /** False where the transport cannot pause. */
  pause(): boolean {
    if (this.#channel.pause === undefined) return false;
    this.#channel.pause();
    this.#heart?.step({ type: "paused" });
    return true;
  }

  resume(): void {
    this.#channel.resume?.();
    this.#heart?.step({ type: "resumed" });
  }

  /** Asks the peer to move elsewhere. False where the protocol has no word for it. */
  dismiss(notice: LeaveNotice): boolean {
    if (this.#phase === "over" || this.#conversation?.dismiss === undefined) return false;
    this.#conversation.dismiss(notice);
    return true;
  }

  /** Says goodbye and flushes; `ended` follows. The heartbeat stops. */
  close(farewell?: Farewell): void {
    if (this.#phase === "over") return;
    this.#heart?.stop();
    this.#phase = "parting"; // First: the channel may end inside the goodbye.
    this.#conversation?.close();
    this.#channel.close(farewell);
  }

  /** Drops the channel now, without a word to the owner. */
  abort(error: Error): void {
    if (this.#phase !== "over") this.#finish(error);
    this.#channel.abort(error);
  }

  // --- from the channel -------------------------------------------------------------------------------------------

  frame(frame: Frame): void {
    if (this.#phase === "over") return;
    this.#heardAt = this.#clock.now();
    if (this.#doubted) this.#answered();
    if (this.#conversation === undefined) {
      if (this.#early?.keepFrame(frame) !== true) this.fail(new LinkError("HF_STALLED", `${this.endpoint} said too much before it was greeted`));
      return;
    }
    try {
      this.#congestion?.heard(true);
      this.#conversation?.frame(frame);
    } catch (error) {
      this.fail(asHoldfast(error, "the protocol could not read a frame"));
    }
    this.#congestion?.heard(false);
  }

  channelDrained(): void {
    if (this.#phase === "over") return;
    this.#congestion = undefined;
    if (this.#conversation?.drained) this.#conversation.drained();
    else this.#owner.wireDrained(this);
  }

  channelClosed(error?: Error): void {
    if (error === undefined) this.#end("closed", undefined);
    else this.#end(causeOf(error), asHoldfast(error, "the connection broke"));
    this.#owner.released?.(this);
  }

  // --- from the conversation (Line) -------------------------------------------------------------------------------

  send(frame: Frame): boolean {
    this.#sentAt = this.#clock.now();
    const more = this.#channel.send(frame);
    if (!more && (this.#phase === "greeting" || this.#phase === "met")) this.#wait();
    return more;
  }

  greeted(terms: Terms = plain): void {
    if (this.#phase !== "greeting") return;
    if (this.#conversation === undefined) {
      this.#hasty = terms;
      return;
    }
    this.#phase = "met";
    if (this.#heartbeat !== undefined) {
      if (terms !== plain) this.#heartbeat = applyTerms(this.#heartbeat, terms);
      this.#heart = new Heart(this.#heartbeat, this, this.#clock, this.#random);
    }
    this.resumed = terms.resumed ?? false;
    this.#owner.greeted(this, terms);
  }

  message(message: In): void {
    if (this.#phase === "over") return;
    if (this.#early === undefined) this.#owner.message(message);
    else {
      const old = this.#early.keep(message);
      if (old) this.#owner.unread?.(old.message);
    }
  }

  pong(nonce?: number): void {
    if (this.#doubted) this.#answered(); // A transport's own pong is no frame.
    if (this.#phase === "over" || this.#heart?.pong(nonce) !== true) return;
    this.#receipts?.answered(nonce);
    this.#owner.proven?.(this);
  }

  confirmed(count: number): void {
    (this.#receipts ??= new Receipts()).confirmed(count);
  }

  drained(): void {
    if (this.#phase !== "over") this.#owner.wireDrained(this);
  }

  leave(notice: LeaveNotice): void {
    if (this.#phase !== "over") this.#owner.leave(this, notice);
  }

  done(): void {
    this.#hangUp("closed", undefined);
  }

  fail(error: HoldfastError): void {
    this.#hangUp(this.#phase === "greeting" ? "refused" : "protocol", error);
  }

  // --- from the heart (Body) --------------------------------------------------------------------------------------

  beat(nonce: number, first: boolean): void {
    this.#receipts?.asked(nonce, first);
    this.#sentAt = this.#clock.now();
    try {
      if (this.#conversation?.ping) this.#conversation.ping(nonce);
      else this.#channel.ping?.();
    } catch (error) {
      this.fail(asHoldfast(error, "the protocol could not ask for a sign of life"));
    }
  }

  missed(misses: number, of: number): void {
    this.#doubted = true;
    this.#owner.missed(this, misses, of);
  }

  suspected(): void {
    this.#doubted = true;
    this.#owner.suspected(this);
  }

  gone(misses: number): void {
    const many = misses === 1 ? "heartbeat" : "heartbeats in a row";
    this.#hangUp("heartbeat", new LinkError("HF_HEARTBEAT", `${this.endpoint} left ${misses} ${many} unanswered: it is presumed gone`));
  }

  // --- within -----------------------------------------------------------------------------------------------------

  #answered(): void {
    this.#doubted = false;
    this.#owner.answered?.(this);
  }

  /** The channel took a frame and asked us to wait. */
  #wait(): void {
    if (this.#congestion === undefined) {
      this.#congestion = new Congestion(this.#sentAt);
      this.#owner.blocked?.(this);
    } else if (this.#congestion.hopeless()) this.fail(new LinkError("HF_STALLED", `${this.endpoint} does not read: ${maxUnread} answers wait for it, and it goes on asking`));
  }

  #hangUp(cause: LossCause, error: HoldfastError | undefined): void {
    if (this.#phase === "over") return;
    this.#end(cause, error);
    if (error === undefined) this.#channel.close();
    else this.#channel.abort(error);
  }

  #end(cause: LossCause, error: HoldfastError | undefined): void {
    if (this.#phase === "over") return;
    this.#finish(error);
    this.#owner.ended(this, cause, error);
  }

  #finish(error: Error | undefined): void {
    this.#phase = "over";
    this.#heart?.stop();
    this.#conversation?.closed(error);
  }
}

/** A greeting that agreed on nothing. */
const plain: Terms = {};
