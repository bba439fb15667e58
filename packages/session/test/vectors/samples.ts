import { codes } from "../../src/frames/codes.ts";
import type { Attach, Attached, Grant, Open, Opened, Refused, SessionFrame } from "../../src/frames/frame.ts";

/** So many bytes that count up from `first`. */
export function counting(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (first + at) & 0xff);
}

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const largest = Number.MAX_SAFE_INTEGER;
const grant: Grant = { frameMax: 65_536, windowMessages: 1_024, windowBytes: 1_048_576 };
const versions = { versionMin: 1, versionMax: 1, features: 0 } as const;
export const id = counting(0x10, 16);
export const secret = counting(0x80, 32);
export const generation = counting(0xf0, 8);
const mac = new Uint8Array(16);

export const open: Open = { type: "open", ...versions, timeout: 30_000, ...grant, auth: ascii("let me in") };
export const opened: Opened = { type: "opened", version: 1, features: 0, id, secret, epoch: 1, timeout: 30_000, heartbeat: 5_000, ...grant, generation, mac };
export const attach: Attach = {
  type: "attach", restarted: false, early: false, ...versions, id, attach: 1_700_000_000_000, received: 200, sent: 1_000, acked: 990, generation, ...grant, auth: ascii("let me in"), mac,
};
export const attached: Attached = { type: "attached", version: 1, features: 0, epoch: 2, received: 995, replayFrom: 201, timeout: 30_000, heartbeat: 5_000, ...grant, mac };
export const refused: Refused = { type: "refused", code: codes.expired, retryAfter: 0, received: 995, attach: 0, reason: "expired 12 s ago" };
const payload = ascii("hello");

/** Named in a few words each; at least one of each type, flag and length of number. */
export const samples: Readonly<Record<string, SessionFrame>> = {
  "OPEN": open,
  "OPEN without auth, of the least and the greatest numbers": { ...open, versionMin: 0, versionMax: 255, features: largest, timeout: 0, frameMax: 256, windowMessages: 0, windowBytes: 0, auth: new Uint8Array(0) },
  "OPENED": { ...opened, mac: counting(0, 16) },
  "ATTACH": { ...attach, mac: counting(0, 16) },
  "ATTACH of a restarted client": { ...attach, restarted: true, received: 0, sent: 0, acked: 0, auth: new Uint8Array(0), mac: counting(0, 16) },
  "ATTACH of a client that moves, with messages behind it": { ...attach, early: true, mac: counting(0, 16) },
  "ATTACHED": { ...attached, mac: counting(0, 16) },
  "REFUSED without a proof": refused,
  "REFUSED with a proof": { ...refused, mac: counting(0, 16) },
  "REFUSED with a number to be higher than": { ...refused, code: codes.staleAttach, retryAfter: 1_500, attach: 1_700_000_000_001, reason: "", mac: counting(0, 16) },
  "DATA of bytes": { type: "data", more: false, text: false, payload },
  "DATA of no bytes": { type: "data", more: false, text: false, payload: new Uint8Array(0) },
  "DATA of text": { type: "data", more: false, text: true, payload: ascii("grüß 🜁") },
  "DATA that acknowledges": { type: "data", acked: 127, more: false, text: false, payload },
  "DATA that acknowledges and goes on": { type: "data", acked: 128, more: true, text: true, payload },
  "DATA that goes on": { type: "data", more: true, text: false, payload },
  "ACK": { type: "ack", acked: 0 },
  "ACK of the greatest number": { type: "ack", acked: largest },
  "PING": { type: "ping", nonce: 7, acked: 16_383, sent: 16_384 },
  "PONG": { type: "pong", nonce: 7, acked: 2_097_151, sent: 2_097_152 },
  "CLOSE": { type: "close", code: codes.normal, received: 12, reason: "" },
  "CLOSE with a reason": { type: "close", code: codes.sequenceMismatch, received: 2 ** 31, reason: "counted 12, told 13: über" },
  "CLOSE with FLOW": { type: "close", code: codes.flow, received: 0, reason: "more than the 1024 messages of the window" },
  "MOVED": { type: "moved", epoch: 2 ** 32 },
  "GOAWAY": { type: "goAway", within: 30_000, spread: 5_000 },
  "VOLATILE of bytes": { type: "volatile", text: false, payload },
  "VOLATILE of text": { type: "volatile", text: true, payload },
};

export const malformed: readonly (readonly [why: string, hex: string])[] = [
  ["no byte at all", ""],
  ["type 0", "00"],
  ["an unknown flag of ACK", "1701"],
  ["flag 0x80 of DATA", "8661"],
  ["flag 0x40 of ATTACH", "43484653"],
  ["ACK without its number", "07"],
  ["a number that is cut short", "0780"],
  ["a number with a byte more than it needs", "078000"],
  ["a number above 2^53 - 1", "07ffffffffffffff10"],
  ["a number of nine bytes", "07ffffffffffffffff01"],
  ["ACK that goes on after its number", "070100"],
  ["PING without its checkpoint", "080702"],
  ["OPEN that does not begin with HFS", "0148545401010000800210100000"],
  ["OPEN that names no version", "0148465302010000800210100000"],
  ["OPEN with a frameMax of 255", "0148465301010000" + "ff01" + "0a0a00"],
  ["OPEN with a frameMax of 1 048 577", "0148465301010000" + "818040" + "0a0a00"],
  ["OPEN with an auth of more bytes than there are", "0148465301010000" + "8002" + "0a0a" + "ffffffffffffff0f"],
  ["OPEN with an auth that is cut short", "0148465301010000" + "8002" + "0a0a" + "0361"],
  ["REFUSED that says PROVEN without a mac", "15ba22000000" + "00"],
  ["REFUSED with a mac that is cut short", "15ba2200000000" + "00".repeat(15)],
  ["REFUSED without PROVEN, and a mac", "05ba2200000000" + "00".repeat(16)],
  ["a reason of 121 bytes", "0ae80700" + "79" + "61".repeat(121)],
  ["a reason with a line feed", "0ae80700" + "03" + "610a62"],
  ["a reason with a control character of two bytes", "0ae80700" + "04" + "61c29b62"],
  ["a reason that is not UTF-8", "0ae80700" + "02" + "c328"],
  ["a reason with a surrogate in UTF-8", "0ae80700" + "03" + "eda080"],
  ["a reason with an overlong form", "0ae80700" + "02" + "c0af"],
  ["DATA that acknowledges nothing", "16"],
  ["MOVED without an epoch", "0b"],
  ["GOAWAY without its spread", "0c05"],
];
