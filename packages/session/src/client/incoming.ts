import type { Millis } from "@holdfast/core";
import type { ClientPolicy } from "./client-host.ts";
import type { ChannelState, IncomingState } from "./client-state.ts";

/** One more message was given to the application. False: the keeper sends more than its window has. */
export function admit(incoming: IncomingState, size: number, { grant }: ClientPolicy): boolean {
  const unhandled = incoming.delivered - incoming.handled;
  const alone = unhandled === 0; // One message may always be on its way.
  if (!alone && (unhandled >= grant.windowMessages || incoming.unhandledBytes + size > grant.windowBytes)) return false;
  incoming.delivered += 1;
  incoming.sizes.push(size);
  incoming.unhandledBytes += size;
  return true;
}

/** The application took everything up to `sequence`. True: an acknowledgement is due now. */
export function took(incoming: IncomingState, sequence: number, now: Millis, { grant, ackAfter }: ClientPolicy, told: number): boolean {
  while (incoming.handled < Math.min(sequence, incoming.delivered)) {
    incoming.handled += 1;
    const size = (incoming.sizes.length === 1 ? incoming.sizes.pop() : incoming.sizes.shift()) ?? 0;
    incoming.unhandledBytes -= size;
    incoming.unackedBytes += size;
  }
  if (incoming.ackAt === Infinity) incoming.ackAt = now + ackAfter.delay;
  return incoming.handled - told >= ackAfter.messages || incoming.unackedBytes >= grant.windowBytes / 4;
}

/** What may be acknowledged on a channel: nothing that did not come on it, or its keeper would not know what we speak of. */
export function ackable({ handled }: IncomingState, { told, arrived }: ChannelState): number {
  return Math.max(told, Math.min(handled, arrived));
}

/** The number for a frame that carries an acknowledgement, and the note that it was told. */
export function acknowledge(incoming: IncomingState, channel: ChannelState): number {
  channel.told = ackable(incoming, channel);
  if (channel.stage === "attached") {
    // Also where less than all could be told: the rest comes again on this channel, and is acknowledged then.
    incoming.ackAt = Infinity;
    incoming.unackedBytes = 0;
  }
  return channel.told;
}

/** The keeper is at `delivered`, and our own count means nothing any more. */
export function restart(incoming: IncomingState, delivered: number): void {
  incoming.delivered = incoming.handled = delivered;
  incoming.sizes = [];
  incoming.unhandledBytes = incoming.unackedBytes = 0;
  incoming.ackAt = Infinity;
}
