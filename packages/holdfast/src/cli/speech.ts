import { bytes, framed, json, type Protocol } from "@holdfast/core";
import { parseJson } from "./arguments.ts";

export const protocolNames = ["text", "bytes", "json", "framed"] as const;
export type ProtocolName = (typeof protocolNames)[number];

/** What is spoken, and how messages come from a keyboard and go to a screen. */
export interface Speech {
  /** Undefined: plain messages, as `connect()` has them. */
  readonly protocol: Protocol<unknown, unknown> | undefined;
  /** Throws a `UsageError` for text that is no message of this protocol. */
  encode(text: string): unknown;
}

export interface SpeechOptions {
  readonly ping: unknown;
  readonly pong: unknown;
}

export function speechOf(name: ProtocolName, { ping, pong }: SpeechOptions): Speech {
  switch (name) {
    case "text": return { protocol: undefined, encode: (text) => text };
    case "bytes": return { protocol: untyped(bytes()), encode: (text) => new TextEncoder().encode(text) };
    case "framed": return { protocol: untyped(framed()), encode: (text) => text };
    case "json": return {
      protocol: ping === undefined ? json() : json<unknown, unknown>({ ping, pong: (message) => resembles(message, pong) }),
      encode: (text) => parseJson(text, "a message"),
    };
    default: return name satisfies never;
  }
}

/** A protocol that is given what the `encode` beside it makes, and nothing else. */
function untyped(protocol: Protocol<never, unknown>): Protocol<unknown, unknown> {
  return protocol as Protocol<unknown, unknown>; // The compiler cannot see that the two belong together.
}

/** True where `message` has everything that `pattern` has. What it has besides does not matter. */
export function resembles(message: unknown, pattern: unknown): boolean {
  if (typeof pattern !== "object" || pattern === null) return message === pattern;
  if (typeof message !== "object" || message === null || Array.isArray(message) !== Array.isArray(pattern)) return false;
  return Object.entries(pattern).every(([key, value]) => Object.hasOwn(message, key) && resembles((message as Record<string, unknown>)[key], value));
}

/** A message as a person reads it. */
export function messageText(message: unknown): string {
  if (typeof message === "string") return message;
  if (message instanceof Uint8Array) return `<${message.length} bytes> ${hex(message.subarray(0, 256))}${message.length > 256 ? " …" : ""}`;
  return JSON.stringify(message) ?? String(message);
}

/** A message as a program reads it: text and JSON as they are, bytes in base64 under a name of their own. */
export function messageData(message: unknown): Readonly<Record<string, unknown>> {
  return message instanceof Uint8Array ? { bytes: Buffer.from(message.buffer, message.byteOffset, message.length).toString("base64") } : { message };
}

function hex(part: Uint8Array): string {
  return Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
