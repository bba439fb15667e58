export { websocket, type WebSocketOptions } from "./browser-transport.ts";
export type { CloseCodes } from "./close-codes.ts";
export type { DialContext, PerDial } from "./per-dial.ts";
