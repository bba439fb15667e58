export { delimiter, lengthPrefix, lines, raw, varint, type LengthPrefixOptions, type LinesOptions } from "@holdfast/core/framing";
export { tcp } from "./tcp.ts";
export type { TcpOptions } from "./tcp-options.ts";
export type { TlsOptions } from "./tls-options.ts";
