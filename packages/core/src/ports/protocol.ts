import type { HoldfastError } from "../errors/holdfast-error.ts";
import type { Frame } from "./channel.ts";
import type { Clock, Millis, Random } from "./clock.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Framing } from "./framing.ts";

/** What is spoken on a channel: the greeting, how messages and pings look, the farewell. */
export interface Protocol<Out, In> {
  /** For transports that carry bare bytes. It wins over the transport's own framing. */
  readonly framing?: Framing;
  /** Conversations have `ping`, and the peer answers it (or beats by itself). */
  readonly pings: boolean;
  /**
   * How far a spare channel may go before it is needed: it is greeted; it is only dialled, and its conversation begins when it is needed;
   * or there can be none.
   */
  readonly standby: "greeted" | "dialled" | "none";
  /**
   * It sends again what the peer did not confirm, so a link moves to a channel as soon as that one is greeted. Two conversations
   * live then: the new one takes messages from its `greeted` on, the old one is closed after that.
   */
  readonly replays?: boolean;
  /** One conversation per channel. The dial timeout runs until it calls `line.greeted()`. */
  start(line: Line<In>, role: Role): Conversation<Out>;
  /** Bytes a waiting message counts for in the outbox. Default: the length of a string or of bytes, otherwise 0. */
  readonly size?: (message: Out) => number;
}

/** Who a conversation is. */
export interface Role {
  readonly side: "dialer" | "listener";
  /** `standby`: greeted and kept in reserve. `activate()` tells when it is used. */
  readonly duty: "active" | "standby";
  /** Strictly increasing per link; on the listening side the number of the peer. */
  readonly epoch: number;
  readonly remote: Endpoint;
  readonly clock: Clock;
  readonly random: Random;
}

/** Conversation → link. */
export interface Line<In> {
  /** As `Channel.send`. */
  send(frame: Frame): boolean;
  /** The peer is willing: from here on the link says `connected`. */
  greeted(terms?: Terms): void;
  message(message: In): void;
  /** A ping of ours was answered: the round trip is proven. Without a nonce: the oldest open one. */
  pong(nonce?: number): void;
  /** The peer has received the first `count` messages sent on this channel (modulo 2³²). */
  confirmed(count: number): void;
  /** For conversations with a `drained` of their own: more may be sent. */
  drained(): void;
  /** The peer asks us to move to another endpoint. */
  leave(notice: LeaveNotice): void;
  /** The orderly end: the peer said goodbye. */
  done(): void;
  /** The conversation cannot go on. `error.next` says whether to retry, go elsewhere or stop. */
  fail(error: HoldfastError): void;
}

export interface LeaveNotice {
  /** The peer closes the channel after this time. */
  readonly within: Millis;
  /** Move at a random moment of this span, so that not everybody arrives elsewhere at once. */
  readonly spread: Millis;
  /** Where to, if the peer suggests it. */
  readonly to?: readonly string[];
}

/** What the greeting agreed on. It overrides the link's heartbeat on this channel. */
export interface Terms {
  /** The peer wants to hear something from us at least this often. */
  readonly sendWithin?: Millis;
  /** Answered: ask this often. Not answered: the peer promises to be heard this often. */
  readonly hearWithin?: Millis;
  /** How long one ping waits for its answer. Only where pings are answered. */
  readonly answerWithin?: Millis;
  readonly maxMisses?: number;
  /** False: pings get no answer, both sides beat by themselves (one-way heartbeat). Default true. */
  readonly answered?: boolean;
  /** An earlier session goes on. Shown in `connected`. */
  readonly resumed?: boolean;
}

/** Link → conversation. Never throws, never awaits. */
export interface Conversation<Out> {
  frame(frame: Frame): void;
  /** As `Channel.send`. */
  send(message: Out): boolean;
  /** Where absent, the transport pings (`TransportTraits.pings`). */
  ping?(nonce: number): void;
  /** The channel drained. Where absent, the link goes on sending at once. */
  drained?(): void;
  /** A standby takes over: messages follow. */
  activate?(): void;
  /** Listening side: ask the peer to move. */
  dismiss?(notice: LeaveNotice): void;
  /** Say goodbye; the channel is closed right after. */
  close(): void;
  /** The channel is gone. */
  closed(error?: Error): void;
}

/** The little that calls and other layers need: a link is one, a peer is one. */
export interface Messenger<Out, In> {
  send(message: Out): boolean;
  /** Returns a function that stops it. */
  receive(handler: (message: In) => void): () => void;
}
