export { websocket } from "./node.ts";
export type { ChannelLimits, DialSettings, Headers, ListenSettings, Origins, WebSocketOptions } from "./websocket-options.ts";
export type { TlsOptions } from "./tls-options.ts";
export type { CloseCodes } from "./close-codes.ts";
export type { DialContext, PerDial } from "./per-dial.ts";
