import { HoldfastError, isHoldfastError } from "@holdfast/core";
import type { Peer } from "./peer.ts";

/** Who a peer is. */
export interface Identity {
  /** 1 to 256 characters. It is shown in errors and logs: a user name, never a token. */
  readonly id: string;
  /** False: the message was the login and nothing else, so it is not delivered. @default true */
  readonly deliver?: boolean;
}
export type Identified = string | Identity | undefined;

/**
 * Says who a peer is, by its first messages: called with each of them until it returns an identity. It is the place to check
 * credentials: throw to refuse. It may return a promise, and may `send` to the peer. The messages it has seen wait and are
 * delivered, in order, once the peer is known.
 */
export type Identify<Out, In> = (message: In, peer: Peer<Out, In>) => Identified | Promise<Identified>;

const longestId = 256;

export interface IntroductionOwner {
  /** Stops reading. False where the transport cannot. */
  pause(): boolean;
  identified(id: string): void;
  refused(error: HoldfastError): void;
}

/** The first messages of a peer, from its greeting until it is admitted. Bounded: whoever talks on without a name is refused. */
export class Introduction<Out, In> {
  readonly #identify: Identify<Out, In>;
  readonly #peer: Peer<Out, In>;
  readonly #most: number;
  readonly #owner: IntroductionOwner;
  #held: In[] = [];
  /** How many of them `identify` has seen. */
  #seen = 0;
  #phase: "asking" | "pondering" | "decided" | "over" = "asking";
  #paused = false;

  constructor(identify: Identify<Out, In>, peer: Peer<Out, In>, most: number, owner: IntroductionOwner) {
    this.#identify = identify;
    this.#peer = peer;
    this.#most = most;
    this.#owner = owner;
  }

  push(message: In): void {
    // A pause is a request: what was already read still arrives.
    if (this.#held.length >= this.#most && !this.#paused) {
      this.#refuse(new HoldfastError("HF_NOT_IDENTIFIED", `${this.#peer.remote.label} sent ${this.#most} messages before it was known; have identify() decide earlier, or raise limits.maxUnread`));
      return;
    }
    this.#held.push(message);
    this.#ask();
  }

  /** Nothing more is read until the decision about this peer is made. */
  hold(): void {
    this.#paused ||= this.#owner.pause();
  }

  /** Undoes `hold`. */
  release(resume: () => void): void {
    if (this.#paused) resume();
    this.#paused = false;
  }

  /** The peer is admitted, or gone: gives back what was held. */
  end(): readonly In[] {
    const held = this.#held;
    this.#phase = "over";
    this.#held = [];
    return held;
  }

  #ask(): void {
    while (this.#phase === "asking" && this.#seen < this.#held.length) {
      const message = this.#held[this.#seen] as In; // seen < length.
      this.#seen += 1;
      try {
        const answer = this.#identify(message, this.#peer);
        if (isPromise(answer)) void this.#ponder(answer); // Handles its errors.
        else this.#judge(answer);
      } catch (error) {
        this.#refuse(asRefusal(error, this.#peer.remote.label));
      }
    }
  }

  async #ponder(answer: Promise<Identified>): Promise<void> {
    this.#phase = "pondering";
    this.hold();
    let identified: Identified;
    try {
      identified = await answer;
    } catch (error) {
      this.#refuse(asRefusal(error, this.#peer.remote.label));
      return;
    }
    if (this.#phase !== "pondering") return; // It left, or took too long.
    this.#phase = "asking";
    this.#judge(identified);
    this.#ask();
  }

  #judge(answer: Identified): void {
    if (answer === undefined || this.#phase !== "asking") return;
    const { id, deliver = true }: Identity = typeof answer === "string" ? { id: answer } : answer;
    if (typeof id !== "string" || id.length === 0 || id.length > longestId) {
      this.#refuse(new HoldfastError("HF_NOT_IDENTIFIED", `identify() returned no usable id for ${this.#peer.remote.label}: return a string of 1 to ${longestId} characters, or undefined to see the next message`));
      return;
    }
    if (!deliver) this.#held.splice(this.#seen - 1, 1);
    this.#phase = "decided";
    this.#owner.identified(id);
  }

  #refuse(error: HoldfastError): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#owner.refused(error);
  }
}

function isPromise(answer: Identified | Promise<Identified>): answer is Promise<Identified> {
  return typeof answer === "object" && "then" in answer;
}

function asRefusal(error: unknown, label: string): HoldfastError {
  if (isHoldfastError(error)) return error;
  return new HoldfastError("HF_NOT_IDENTIFIED", `identify() refused ${label}: ${error instanceof Error ? error.message : String(error)}`, { cause: error, next: "stop" });
}
