import type { Attach, Attached, Close, Data, Grant, Open, Opened, Refused, SessionFrame, Versions, Volatile } from "./frame.ts";
import { flags, magic, types } from "./layout.ts";
import { limits } from "./limits.ts";
import { reasonBytes } from "./reason.ts";
import { filled, type Sink } from "./sink.ts";

/**
 * The bytes of a frame, without the length that a byte stream puts in front. A `reason` is cut to what may travel; numbers must be whole, from 0 to
 * 2⁵³ − 1, and fixed fields have their length. A frame with a mac is a draft while that is zeros: see `seal`. For messages `encodeData` is faster.
 */
export function encode(frame: SessionFrame): Uint8Array {
  return filled((sink) => { write(sink, frame); });
}

/** What a mac stands for: the frame before it. A view. */
export function body(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length - limits.mac);
}

/** Puts the first 16 bytes of `mac` where the draft has zeros, and returns the draft. */
export function seal(draft: Uint8Array, mac: Uint8Array): Uint8Array {
  draft.set(mac.subarray(0, limits.mac), draft.length - limits.mac);
  return draft;
}

function write(sink: Sink, frame: SessionFrame): void {
  switch (frame.type) {
    case "open": return writeOpen(sink, frame);
    case "opened": return writeOpened(sink, frame);
    case "attach": return writeAttach(sink, frame);
    case "attached": return writeAttached(sink, frame);
    case "refused": return writeRefused(sink, frame);
    case "data": return writeData(sink, frame);
    case "ack": sink.byte(types.ack); return sink.varint(frame.acked);
    case "ping":
    case "pong": return numbers(sink, types[frame.type], frame.nonce, frame.acked, frame.sent);
    case "close": return writeClose(sink, frame);
    case "moved": return numbers(sink, types.moved, frame.epoch);
    case "goAway": return numbers(sink, types.goAway, frame.within, frame.spread);
    case "volatile": return writeVolatile(sink, frame);
    case "extension": return sink.byte(15);
    default: return unknown(frame);
  }
}

function writeOpen(sink: Sink, frame: Open): void {
  sink.byte(types.open);
  writeVersions(sink, frame);
  sink.varint(frame.timeout);
  writeGrant(sink, frame);
  sink.bytes(frame.auth);
}

function writeOpened(sink: Sink, frame: Opened): void {
  sink.byte(types.opened);
  sink.byte(frame.version);
  sink.varint(frame.features);
  sink.fixed(frame.id);
  sink.fixed(frame.secret);
  sink.varint(frame.epoch);
  sink.varint(frame.timeout);
  sink.varint(frame.heartbeat);
  writeGrant(sink, frame);
  sink.fixed(frame.generation);
  sink.fixed(frame.mac);
}

function writeAttach(sink: Sink, frame: Attach): void {
  sink.byte(types.attach | (frame.restarted ? flags.restarted : 0) | (frame.early ? flags.early : 0));
  writeVersions(sink, frame);
  sink.fixed(frame.id);
  sink.varint(frame.attach);
  sink.varint(frame.received);
  sink.varint(frame.sent);
  sink.varint(frame.acked);
  sink.fixed(frame.generation);
  writeGrant(sink, frame);
  sink.bytes(frame.auth);
  sink.fixed(frame.mac);
}

function writeAttached(sink: Sink, frame: Attached): void {
  sink.byte(types.attached);
  sink.byte(frame.version);
  sink.varint(frame.features);
  sink.varint(frame.epoch);
  sink.varint(frame.received);
  sink.varint(frame.replayFrom);
  sink.varint(frame.timeout);
  sink.varint(frame.heartbeat);
  writeGrant(sink, frame);
  sink.fixed(frame.mac);
}

function writeRefused(sink: Sink, frame: Refused): void {
  numbers(sink, types.refused | (frame.mac === undefined ? 0 : flags.proven), frame.code, frame.retryAfter, frame.received, frame.attach);
  sink.bytes(reasonBytes(frame.reason));
  if (frame.mac !== undefined) sink.fixed(frame.mac);
}

function writeData(sink: Sink, { acked, more, text, payload }: Data): void {
  sink.byte(types.data | (acked === undefined ? 0 : flags.acks) | (more ? flags.more : 0) | (text ? flags.text : 0));
  if (acked !== undefined) sink.varint(acked);
  sink.fixed(payload);
}

function writeClose(sink: Sink, frame: Close): void {
  numbers(sink, types.close, frame.code, frame.received);
  sink.bytes(reasonBytes(frame.reason));
}

function writeVolatile(sink: Sink, { text, payload }: Volatile): void {
  sink.byte(types.volatile | (text ? flags.text : 0));
  sink.fixed(payload);
}

function writeVersions(sink: Sink, { versionMin, versionMax, features }: Versions): void {
  for (const letter of magic) sink.byte(letter);
  sink.byte(versionMin);
  sink.byte(versionMax);
  sink.varint(features);
}

function writeGrant(sink: Sink, { frameMax, windowMessages, windowBytes }: Grant): void {
  sink.varint(frameMax);
  sink.varint(windowMessages);
  sink.varint(windowBytes);
}

function numbers(sink: Sink, first: number, ...values: readonly number[]): void {
  sink.byte(first);
  for (const value of values) sink.varint(value);
}

/** All frames were handled: the compiler proves it. */
function unknown(frame: never): never {
  throw new TypeError(`no frame: ${JSON.stringify(Object.keys(frame))}`);
}
