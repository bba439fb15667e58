import type { Frame, Millis } from "@holdfast/core";
import { wholeMessage } from "../frames/data.ts";
import { decode } from "../frames/decode.ts";
import type { Message } from "../frames/frame.ts";
import { answered } from "./answers.ts";
import { activeChannel, channelOf, isAttaching, noteVerdict, type Client } from "./client.ts";
import type { ChannelFacts, ClientHost, ClientPolicy, Taken } from "./client-host.ts";
import { newClient, type ClientState } from "./client-state.ts";
import { beginClose, closeWhenDrained, finish, rest } from "./ending.ts";
import { greet } from "./greeting.ts";
import { took } from "./incoming.ts";
import { ended } from "./ownership.ts";
import { lookAtDeadline, presumptionAt } from "./presumption.ts";
import { arrived, received } from "./receiving.ts";
import { lapFailed } from "./refusals.ts";
import { acknowledgeNow, hasRoom, ping, pump, send, sendVolatile, thaw } from "./sending.ts";

/**
 * The client's half of HFS/1: what to say on which channel, what to believe, and what to tell the application.
 *
 * Theory of operation. A session is one record: a credential, two counters, and the messages that the keeper has not acknowledged. Channels come and go.
 * Each begins with OPEN or ATTACH (`greeting.ts`) and is of use from the proven answer on (`answers.ts`, `refusals.ts`). Messages go out on the channel
 * that was attached last, within the keeper's window (`sending.ts`), during a move on the next one as well (`early.ts`), and are kept until they are acknowledged
 * (`outgoing.ts`). What arrives is counted per channel, so that what comes twice is known by its number (`receiving.ts`, `incoming.ts`). Only a proven word
 * ends a session; whose it is decides `ownership.ts`, how it ends `ending.ts`, and for how long its owner may believe in it without a word `presumption.ts`.
 *
 * Deterministic: no clock, no chance, no promise; `wallClock` is asked at an ATTACH alone. Whatever is told about a channel it does not know is late news
 * and changes nothing. Numbers of channels are greater than 0 and never come again.
 */
export class ClientMachine implements Client {
  readonly policy: ClientPolicy;
  readonly host: ClientHost;
  readonly state: ClientState;

  constructor(policy: ClientPolicy, host: ClientHost, state: ClientState = newClient()) {
    this.policy = policy;
    this.host = host;
    this.state = state;
  }

  /** A channel is up: it is greeted. */
  started(channel: number, facts: ChannelFacts, now: Millis): void {
    greet(this, channel, facts, now);
  }

  frame(number: number, frame: Frame, now: Millis): void {
    const channel = channelOf(this.state, number);
    if (channel === undefined) return;
    const whole = typeof frame === "string" || channel.stage === "greeting" ? undefined : wholeMessage(frame, channel.pieces, this.policy.grant.windowBytes);
    if (whole !== undefined) return arrived(this, channel, whole, frame.length - 1);
    const read = typeof frame === "string" ? "a text where bytes are due" : decode(frame);
    if (channel.stage !== "greeting") return received(this, channel, read, now);
    answered(this, channel, read, frame as Uint8Array, now); // A text is told from bytes by `read`.
    thaw(this);
  }

  /** The channel is gone. */
  ended(number: number): void {
    const channel = channelOf(this.state, number);
    if (channel === undefined) return;
    ended(this, channel);
    thaw(this);
    closeWhenDrained(this);
  }

  /** The channel takes more. */
  drained(number: number): void {
    const channel = channelOf(this.state, number);
    if (channel === undefined) return;
    channel.blocked = false;
    if (channel.stage === "attached") pump(this);
  }

  /** A ping is due. */
  ping(number: number, nonce: number, now: Millis): void {
    const channel = channelOf(this.state, number);
    if (channel !== undefined && channel.stage !== "greeting") ping(this, channel, nonce, now);
  }

  /** The channel is about to be closed by its owner: says what is not acknowledged yet. */
  leaving(number: number): void {
    const channel = channelOf(this.state, number);
    if (channel !== undefined && channel.stage !== "greeting") acknowledgeNow(this, channel);
  }

  /** An endpoint could not be reached. */
  unreachable(endpoint: string): void {
    noteVerdict(this.state, endpoint, false);
  }

  /** Every endpoint of the list was tried since the last time. */
  lapFailed(): void {
    lapFailed(this);
  }

  /** Whether a `send` of this would be taken. */
  hasRoom(message: Message): boolean {
    return hasRoom(this, message);
  }

  send(message: Message): Taken {
    return send(this, message);
  }

  /** True: it is on its way, and nobody will say whether it arrived. False: dropped. */
  sendVolatile(message: Message): boolean | "tooLong" {
    return sendVolatile(this, message);
  }

  /** The application took all messages up to `sequence`. */
  handled(sequence: number, now: Millis): void {
    const { incoming } = this.state;
    if (sequence <= incoming.handled) return;
    const channel = activeChannel(this.state);
    const due = took(incoming, sequence, now, this.policy, channel?.told ?? incoming.handled);
    if (due && channel !== undefined) acknowledgeNow(this, channel);
  }

  /** Says goodbye when everything is acknowledged, or after `drainTimeout`. */
  close(now: Millis): void {
    beginClose(this, now);
  }

  /** Comes to rest without ending the session: a ticket of this state goes on exactly here. */
  suspend(): void {
    const { state } = this;
    if (state.phase !== "live" && state.phase !== "unauthorized") return;
    const channel = activeChannel(state);
    if (channel !== undefined) acknowledgeNow(this, channel);
    rest(this, "suspended");
  }

  /** After `moved`: the next channel attaches once more, and then this side is the owner. */
  takeover(): void {
    const { state } = this;
    if (state.phase !== "moved") return;
    state.phase = "live";
    state.insists = state.restarted = true; // Our counts are those of before: the other holder has gone on.
  }

  /** After `unauthorized`: the next channel tries again. */
  retry(): void {
    if (this.state.phase === "unauthorized") this.state.phase = "live";
  }

  /** There will be no more channels: every endpoint refused, or all attempts were used up. */
  gaveUp(cause: "refused" | "exhausted"): void {
    const { phase } = this.state;
    if (phase === "live" || phase === "closing") finish(this, phase === "closing" ? "requested" : cause);
  }

  wake(now: Millis): void {
    const { state } = this;
    lookAtDeadline(this, now);
    const channel = activeChannel(state);
    if (channel !== undefined && now >= state.incoming.ackAt) acknowledgeNow(this, channel);
    if (now >= state.closeBy) finish(this, "requested");
  }

  /** When `wake` is wanted; Infinity while only the world can change something. */
  wakeAt(): Millis {
    const { state } = this;
    // While an ATTACH is unanswered nothing is acknowledged: whoever woke us for it would do so for ever.
    const ackAt = state.active === 0 || isAttaching(state) ? Infinity : state.incoming.ackAt;
    return Math.min(presumptionAt(state), ackAt, state.closeBy);
  }
}
