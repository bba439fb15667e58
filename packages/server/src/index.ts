export { Server } from "./server.ts";
export type { DuplicatePolicy, ServerOptions } from "./options.ts";
export type { LimitOptions } from "./limits.ts";
export type { DrainOptions } from "./drain.ts";
export type { Identified, Identify, Identity } from "./identity.ts";
export type { Peer } from "./peer.ts";
export type { Gone, PeerCause, PeerEvents, PeerId, PeerMissed } from "./events.ts";
export type { Greeted, Listening, PeerGone, PeerReturned, RefusalCause, Refused, ServerEvents } from "./server-events.ts";
