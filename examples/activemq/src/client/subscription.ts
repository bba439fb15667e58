import type { HoldfastError } from "@holdfast/core";
import { encode, type Headers } from "../stomp/frame.ts";
import type { Delivery } from "./delivery.ts";

export interface SubscribeOptions {
  /** `client-individual`: the broker keeps each message until its own ack. `auto`: it forgets what it has written. @default "client-individual" */
  readonly ack?: "client-individual" | "auto";
  /** Most messages without an ack that the broker sends ahead. @default 100 */
  readonly prefetch?: number;
  /** More headers: a selector, a name for a durable one … */
  readonly headers?: Headers;
  /** The broker does not allow it, now or after a failover: it is not asked for again. @default nothing */
  readonly refused?: (error: HoldfastError) => void;
}

/** What somebody wants to hear, on whatever connection there is. */
export interface Subscription {
  readonly id: string;
  readonly destination: string;
  /** Ends it. What is delivered and has no ack goes to somebody else, or to the next who asks. */
  close(): void;
}

export interface Wanted {
  readonly subscribe: Uint8Array;
  readonly unsubscribe: Uint8Array;
  readonly heard: (delivery: Delivery) => void;
  readonly refused: ((error: HoldfastError) => void) | undefined;
}

/** Its frames, which are the same on each connection. The receipt tells which one an ERROR is about. */
export function wanted(id: string, destination: string, heard: (delivery: Delivery) => void, { ack = "client-individual", prefetch = 100, headers = {}, refused }: SubscribeOptions): Wanted {
  const ours = { ...headers, id, destination, ack, receipt: id, "activemq.prefetchSize": String(prefetch) };
  return { subscribe: encode("SUBSCRIBE", ours), unsubscribe: encode("UNSUBSCRIBE", { id }), heard, refused };
}
