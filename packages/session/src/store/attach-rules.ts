import type { AttachRefusal, Claim } from "./store.ts";

/** What the rules look at of a session. */
export interface Standing {
  /** The highest attach number that was accepted. */
  readonly attach: number;
  /** The client's messages that are handled. */
  readonly received: number;
  /** The number of the last message for the client. */
  readonly sent: number;
  /** The client's acknowledgement. */
  readonly acked: number;
}

/** Rules 2 to 4 of docs/spec/hfs1.md, "Opening and attaching", in their order. Undefined: the claim stands. */
export function refuse(standing: Standing, claim: Claim, generation: Uint8Array): AttachRefusal | undefined {
  if (!same(claim.generation, generation)) return refusal("stateLost", standing);
  if (claim.attach <= standing.attach) return refusal("stale", standing);
  if (claim.restarted) return undefined;
  if (claim.received > standing.sent || claim.acked > standing.received) return refusal("stateLost", standing);
  if (claim.received < standing.acked || claim.sent < standing.received) return refusal("diverged", standing);
  return undefined;
}

function refusal(why: AttachRefusal["why"], { received, attach }: Standing): AttachRefusal {
  return { ok: "refused", why, received, attach };
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((byte, at) => byte === other[at]);
}
