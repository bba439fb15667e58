import type { Attach, Attached, Beat, Close, Data, Extension, Grant, Open, Opened, Refused, SessionFrame, Versions, Volatile } from "./frame.ts";
import { flags, magic, types } from "./layout.ts";
import { limits } from "./limits.ts";
import { hasControls } from "./reason.ts";
import { Source } from "./source.ts";

/**
 * Reads one frame. Returns what is wrong with it, in words that hold nothing of its contents, where it is not a frame of HFS/1. Never throws,
 * takes time in proportion to the bytes it is given, and sets aside no more than those. `payload` is a view of `bytes`; all other fields are copies.
 */
export function decode(bytes: Uint8Array): SessionFrame | string {
  const first = bytes[0];
  if (first === undefined) return "a frame of no bytes";
  if ((first & ~(flags.more | flags.text)) === types.data) return plainData(first, bytes);
  const kind = kinds[first & 0x0f];
  if (kind === undefined) return `a frame of the unknown type ${first & 0x0f}`;
  const given = first & 0xf0;
  if ((given & ~kind.flags) !== 0) return `${kind.name} has an unknown flag`;
  const source = new Source(bytes, 1);
  const frame = kind.read(source, given, bytes.length);
  source.end();
  return source.fault === undefined ? frame : `${kind.name} ${source.fault}`;
}

interface Kind {
  readonly name: string;
  /** Those it may have. */
  readonly flags: number;
  readonly read: (source: Source, given: number, length: number) => SessionFrame;
}

const extension: Kind = { name: "an extension", flags: 0xf0, read: readExtension };
const kinds: readonly (Kind | undefined)[] = at({
  [types.open]: { name: "OPEN", flags: 0, read: readOpen },
  [types.opened]: { name: "OPENED", flags: 0, read: readOpened },
  [types.attach]: { name: "ATTACH", flags: flags.restarted | flags.early, read: readAttach },
  [types.attached]: { name: "ATTACHED", flags: 0, read: readAttached },
  [types.refused]: { name: "REFUSED", flags: flags.proven, read: readRefused },
  [types.data]: { name: "DATA", flags: flags.acks | flags.more | flags.text, read: readData },
  [types.ack]: { name: "ACK", flags: 0, read: (source) => ({ type: "ack", acked: source.varint() }) },
  [types.ping]: { name: "PING", flags: 0, read: (source) => readBeat("ping", source) },
  [types.pong]: { name: "PONG", flags: 0, read: (source) => readBeat("pong", source) },
  [types.close]: { name: "CLOSE", flags: 0, read: readClose },
  [types.moved]: { name: "MOVED", flags: 0, read: (source) => ({ type: "moved", epoch: source.varint() }) },
  [types.goAway]: { name: "GOAWAY", flags: 0, read: (source) => ({ type: "goAway", within: source.varint(), spread: source.varint() }) },
  [types.volatile]: { name: "VOLATILE", flags: flags.text, read: readVolatile },
  14: extension,
  15: extension,
});

/** A dense list, which is looked up faster than an object. */
function at(table: Readonly<Record<number, Kind>>): readonly (Kind | undefined)[] {
  return Array.from({ length: 16 }, (_, type) => table[type]);
}

function readOpen(source: Source, _: number, length: number): Open {
  checkGreeting(source, length);
  return { type: "open", ...readVersions(source), timeout: source.varint(), ...readGrant(source), auth: source.bytes() };
}

function readOpened(source: Source): Opened {
  return {
    type: "opened", version: source.byte(), features: source.varint(), id: source.fixed(limits.id), secret: source.fixed(limits.secret),
    epoch: source.varint(), timeout: source.varint(), heartbeat: source.varint(), ...readGrant(source),
    generation: source.fixed(limits.generation), mac: source.fixed(limits.mac),
  };
}

function readAttach(source: Source, given: number, length: number): Attach {
  checkGreeting(source, length);
  return {
    type: "attach", restarted: (given & flags.restarted) !== 0, early: (given & flags.early) !== 0, ...readVersions(source), id: source.fixed(limits.id), attach: source.varint(),
    received: source.varint(), sent: source.varint(), acked: source.varint(), generation: source.fixed(limits.generation), ...readGrant(source),
    auth: source.bytes(), mac: source.fixed(limits.mac),
  };
}

function readAttached(source: Source): Attached {
  return {
    type: "attached", version: source.byte(), features: source.varint(), epoch: source.varint(), received: source.varint(), replayFrom: source.varint(),
    timeout: source.varint(), heartbeat: source.varint(), ...readGrant(source), mac: source.fixed(limits.mac),
  };
}

function readRefused(source: Source, given: number): Refused {
  const frame: Refused = {
    type: "refused", code: source.varint(), retryAfter: source.varint(), received: source.varint(), attach: source.varint(), reason: readReason(source),
  };
  return given === 0 ? frame : { ...frame, mac: source.fixed(limits.mac) };
}

/** DATA that acknowledges nothing: there are no fields to be read. */
function plainData(first: number, bytes: Uint8Array): Data {
  return { type: "data", more: (first & flags.more) !== 0, text: (first & flags.text) !== 0, payload: bytes.subarray(1) };
}

function readData(source: Source, given: number): Data {
  return { type: "data", acked: source.varint(), more: (given & flags.more) !== 0, text: (given & flags.text) !== 0, payload: source.rest() };
}

function readBeat(type: Beat["type"], source: Source): Beat {
  return { type, nonce: source.varint(), acked: source.varint(), sent: source.varint() };
}

function readClose(source: Source): Close {
  return { type: "close", code: source.varint(), received: source.varint(), reason: readReason(source) };
}

function readVolatile(source: Source, given: number): Volatile {
  return { type: "volatile", text: given !== 0, payload: source.rest() };
}

function readExtension(source: Source): Extension {
  source.rest();
  return { type: "extension" };
}

function checkGreeting(source: Source, length: number): void {
  if (length > limits.greeting) source.wrong(`has more than ${limits.greeting} bytes`);
}

function readVersions(source: Source): Versions {
  for (const letter of magic) if (source.byte() !== letter) source.wrong("does not begin with HFS");
  const versionMin = source.byte();
  const versionMax = source.byte();
  if (versionMin > versionMax) source.wrong("names no version");
  return { versionMin, versionMax, features: source.varint() };
}

function readGrant(source: Source): Grant {
  const frameMax = source.varint();
  if (frameMax < limits.frameMin || frameMax > limits.frameMax) source.wrong(`has a frameMax out of ${limits.frameMin} to ${limits.frameMax}`);
  return { frameMax, windowMessages: source.varint(), windowBytes: source.varint() };
}

function readReason(source: Source): string {
  const reason = source.text(limits.reason);
  if (hasControls(reason)) source.wrong("has control characters in its reason");
  return reason;
}
