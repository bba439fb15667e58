// What the scripts answer, as the store's answers. A list begins with its kind.
import type { Committed, Ended, Fenced, Full, Outgoing } from "../store/store.ts";
import type { Frame } from "@holdfast/core";
import type { Argument } from "./client.ts";
import type { Reply } from "./runner.ts";

export function text(reply: Reply | undefined): string {
  return Buffer.isBuffer(reply) ? reply.toString("utf8") : "";
}

export function number(reply: Reply | undefined): number {
  return typeof reply === "number" ? reply : Number(text(reply));
}

/** Bytes of their own: what Redis sent lies in larger buffers. */
export function bytes(reply: Reply | undefined): Uint8Array {
  return Buffer.isBuffer(reply) ? new Uint8Array(reply) : new Uint8Array();
}

/** What every script may answer. */
export function common(reply: readonly Reply[]): Committed | Full | Fenced | Ended | undefined {
  switch (text(reply[0])) {
    case "committed": return { ok: "committed", sent: number(reply[1]) };
    case "fenced": return { ok: "fenced", epoch: number(reply[1]) };
    case "full": return { ok: "full" };
    case "ended": return { ok: "ended", why: text(reply[1]) as Ended["why"], received: number(reply[2]) }; // The scripts' own words.
    default: return undefined;
  }
}

/** The kinds of messages, and the messages. */
export function sealed(messages: readonly Frame[]): Argument[] {
  const kinds = messages.map((message) => (typeof message === "string" ? "t" : "b")).join("");
  return [kinds, ...messages.map((message) => (typeof message === "string" ? message : Buffer.from(message.buffer, message.byteOffset, message.byteLength)))];
}

/** Each with its kind in front, after the number of the first. */
export function opened([first, ...messages]: readonly Reply[]): readonly Outgoing[] {
  return messages.map((reply, at) => {
    const whole = reply as Buffer; // Messages are bulk strings.
    return { sequence: number(first) + at, message: whole[0] === 0x74 ? whole.toString("utf8", 1) : new Uint8Array(whole.subarray(1)) };
  });
}

/** A number as scripts take it. Lua knows no `Infinity` by that name. */
export function given(value: number): string {
  return String(Math.min(value, 1e300));
}
