export { connect, type ConnectOptions } from "./connect/connect-browser.ts";
export { bytes, constant, exponential, framed, isHoldfastError, json, Link, text } from "@holdfast/core";
export type { EndpointEntry, EndpointSource, Frame, HeartbeatOptions, HoldfastError, LinkOptions, Protocol } from "@holdfast/core";
export { dialLimiter } from "@holdfast/core/limiter";
export { retry } from "@holdfast/core/retry";
export { websocket } from "@holdfast/websocket";
