import type { Endpoint, HoldfastError, Millis } from "@holdfast/core";
import type { Gone } from "./events.ts";
import type { Peer } from "./peer.ts";

/**
 * Why a connection did not become a peer. `maxPeers`, `maxPeersPerAddress`, `greetingTimeout`: the limit of that name.
 * `greeting`: it does not speak the protocol. `identity`: `identify` threw, or did not recognise it in its first messages.
 * `duplicate`: its identity is connected already. `draining`: the server takes nobody any more. `left`: it went away before it
 * had greeted, as health checks of load balancers do.
 */
export type RefusalCause = "maxPeers" | "maxPeersPerAddress" | "greetingTimeout" | "greeting" | "identity" | "duplicate" | "draining" | "left";

export interface Listening { readonly endpoint: Endpoint }
export interface Greeted<Out, In> { readonly peer: Peer<Out, In> }
export interface PeerGone<Out, In> extends Gone { readonly peer: Peer<Out, In> }
export interface PeerReturned<Out, In> {
  readonly peer: Peer<Out, In>;
  /** Ms since we last heard from the connection it had before. */
  readonly away: Millis;
}
export interface Refused { readonly remote: Endpoint; readonly why: RefusalCause; readonly error?: HoldfastError }

/** What a server tells. One payload object per event. */
export interface ServerEvents<Out, In> {
  listening: [event: Listening];
  /** A peer has greeted and, where there is `identify`, is known. Its messages come after this event. */
  peer: [event: Greeted<Out, In>];
  /** Right after `peer`: somebody with this identity was here before. */
  peerReturned: [event: PeerReturned<Out, In>];
  peerGone: [event: PeerGone<Out, In>];
  /** A connection did not become a peer. */
  refused: [event: Refused];
  /** `close()` is done: no timer, socket or listener is left. Nothing follows. */
  closed: [];
}
