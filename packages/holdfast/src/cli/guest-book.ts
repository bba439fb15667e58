import type { Clock, Millis } from "@holdfast/core";
import type { Listening, Peer, PeerGone, PeerMissed, PeerReturned, Refused } from "@holdfast/server";
import { errorData, errorText, round, type Entry } from "./entry.ts";
import { count, duration } from "./printable.ts";
import { messageData, messageText } from "./speech.ts";

const endings: Readonly<Record<PeerGone<unknown, unknown>["cause"], string>> = {
  closed: "it said goodbye",
  reset: "the connection broke",
  heartbeat: "it is silent",
  protocol: "it broke the rules",
  stalled: "it does not read",
  replaced: "it connected again from elsewhere",
  drained: "it moved, as we asked",
  requested: "we closed it",
};

/** What happens at a server, in sentences. Remembers when its peers came. */
export class GuestBook {
  readonly #clock: Clock;
  readonly #startedAt: Millis;
  readonly #since = new WeakMap<object, Millis>();
  #peers = 0;
  #most = 0;
  #served = 0;
  #received = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  /** `watched`: somebody can ping there. */
  listening({ endpoint: { label } }: Listening, { watched }: { readonly watched: boolean }): Entry {
    return { event: "listening", tone: "good", text: `${label}${watched ? "" : ", no heartbeat: peers that fall silent go unnoticed"}`, data: { endpoint: label, watched } };
  }

  arrived(peer: Peer): Entry {
    this.#since.set(peer, this.#clock.now());
    this.#peers += 1;
    this.#served += 1;
    this.#most = Math.max(this.#most, this.#peers);
    return { event: "peer", tone: "good", text: `${nameOf(peer)} connects from ${peer.remote.label}`, data: { id: peer.id, remote: peer.remote.label } };
  }

  returned({ peer, away }: PeerReturned<unknown, unknown>): Entry {
    return { event: "peerReturned", tone: "good", text: `${nameOf(peer)} is back after ${duration(away)}`, data: { id: peer.id, away: round(away) } };
  }

  missed(peer: Peer, { misses, of }: PeerMissed): Entry {
    return { event: "missed", tone: "warning", text: `${nameOf(peer)} left ${misses} of ${count(of, "heartbeat")} unanswered`, data: { id: peer.id, misses, of } };
  }

  message(peer: Peer, message: unknown): Entry {
    this.#received += 1;
    return { event: "message", tone: "plain", text: `${nameOf(peer)}: ${messageText(message)}`, data: { id: peer.id, ...messageData(message) } };
  }

  unsent(peer: Peer, message: unknown, reason: string): Entry {
    return { event: "unsent", tone: "bad", text: `to ${nameOf(peer)}: ${messageText(message)}: ${reason}`, data: { id: peer.id, ...messageData(message), reason } };
  }

  gone({ peer, cause, error, unconfirmed }: PeerGone<unknown, unknown>): Entry {
    this.#peers -= 1;
    const lasted = this.#clock.now() - (this.#since.get(peer) ?? this.#clock.now());
    // Who says goodbye has what it wanted.
    const lost = unconfirmed === 0 || cause === "closed" ? "" : `; ${count(unconfirmed, "message")} may not have arrived`;
    return {
      event: "peerGone", tone: cause === "closed" || cause === "drained" || cause === "requested" ? "quiet" : "bad",
      text: `${nameOf(peer)} after ${duration(lasted)}: ${error ? errorText(error) : endings[cause]}${lost}`,
      data: { id: peer.id, cause, lasted: round(lasted), unconfirmed, ...(error && { error: errorData(error) }) },
    };
  }

  refused({ remote: { label }, why, error }: Refused): Entry {
    return { event: "refused", tone: "warning", text: error ? errorText(error) : `${label} left before it had greeted`, data: { remote: label, why, ...(error && { error: errorData(error) }) } };
  }

  draining(within: Millis): Entry {
    return { event: "draining", tone: "warning", text: `${count(this.#peers, "peer")} asked to move within ${duration(within)}`, data: { peers: this.#peers, within } };
  }

  summary(): Entry {
    const total = this.#clock.now() - this.#startedAt;
    const text = `${count(this.#served, "connection")} in ${duration(total)}, at most ${this.#most} at once, ${count(this.#received, "message")}`;
    return { event: "ended", tone: "quiet", text, data: { total: round(total), connections: this.#served, most: this.#most, received: this.#received } };
  }

  status(): string {
    return `● ${count(this.#peers, "peer")}, ${count(this.#received, "message")}`;
  }
}

/** Numbers are shown as such, and names in quotes where they could be mistaken for something else. */
function nameOf({ id }: Peer): string {
  if (typeof id === "number") return `#${id}`;
  return /^[\p{L}\p{N}._@-]+$/u.test(id) ? id : JSON.stringify(id);
}
