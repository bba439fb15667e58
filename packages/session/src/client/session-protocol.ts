import { SessionFraming } from "../frames/framing.ts";
import type { Conversation, Frame, Line, Protocol, Role } from "@holdfast/core";

/** What a session does with its channels. */
export interface ChannelsOwner {
  /** A channel is up. Returns its number. */
  arrived(line: Line<never>, role: Role, framing: SessionFraming): number;
  frame(channel: number, frame: Frame): void;
  ping(channel: number, nonce: number): void;
  drained(channel: number): void;
  leaving(channel: number): void;
  ended(channel: number): void;
}

/** HFS/1 as a link speaks it. Belongs to one session; its messages do not go through the link's own outbox. */
export class SessionProtocol implements Protocol<never, never> {
  readonly framing: SessionFraming = new SessionFraming();
  readonly pings = true;
  /** Greeting a keeper is taking the session there. */
  readonly standby = "dialled";
  /** A session sends again what was not acknowledged, so its link may move to a channel as soon as that is attached. */
  readonly replays = true;
  readonly #owner: ChannelsOwner;

  constructor(owner: ChannelsOwner) {
    this.#owner = owner;
  }

  start(line: Line<never>, role: Role): Conversation<never> {
    return new SessionConversation(this.#owner, this.#owner.arrived(line, role, this.framing));
  }
}

class SessionConversation implements Conversation<never> {
  readonly #owner: ChannelsOwner;
  readonly #channel: number;

  constructor(owner: ChannelsOwner, channel: number) {
    this.#owner = owner;
    this.#channel = channel;
  }

  frame(frame: Frame): void {
    this.#owner.frame(this.#channel, frame);
  }

  /** Not used: what is sent waits with the session, not with its link. */
  send(): boolean {
    return true;
  }

  ping(nonce: number): void {
    this.#owner.ping(this.#channel, nonce);
  }

  drained(): void {
    this.#owner.drained(this.#channel);
  }

  close(): void {
    this.#owner.leaving(this.#channel);
  }

  closed(): void {
    this.#owner.ended(this.#channel);
  }
}
