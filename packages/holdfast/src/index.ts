export { connect, type ConnectOptions } from "./connect/connect.ts";
export { bytes, constant, exponential, framed, isHoldfastError, json, Link, text } from "@holdfast/core";
export type { EndpointEntry, EndpointSource, Frame, HeartbeatOptions, HoldfastError, LinkOptions, Protocol } from "@holdfast/core";
export { lines } from "@holdfast/core/framing";
export { dialLimiter } from "@holdfast/core/limiter";
export { retry } from "@holdfast/core/retry";
export { Server, type Peer, type ServerOptions } from "@holdfast/server";
export { tcp } from "@holdfast/tcp";
export { websocket } from "@holdfast/websocket";
