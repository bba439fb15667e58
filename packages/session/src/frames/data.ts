import type { Data, Message, Volatile } from "./frame.ts";
import { flags, types } from "./layout.ts";
import { limits } from "./limits.ts";
import { bytesBehind, textBehind } from "./slab.ts";
import { utf8 } from "./utf8.ts";
import { varintSize, writeVarint } from "./varint.ts";

/** What a peer did against the rules, in words that hold nothing of a message. */
export interface Wrong { readonly wrong: string }

/** The only DATA of a message, to be sent and not kept. `acked` goes along where it is given. */
export function encodeData(message: Message, acked?: number): Uint8Array {
  return messageFrame(types.data, message, acked);
}

/** VOLATILE. */
export function encodeVolatile(message: Message): Uint8Array {
  return messageFrame(types.volatile, message, undefined);
}

/**
 * The DATA frames of a message, each of at most `frameMax` bytes: one, where it fits. `acked` goes along with the first. Each says alike whether it is
 * text. A message longer than `longestMessage` makes more fragments than the peer takes.
 */
export function fragments(message: Message, frameMax: number, acked?: number): readonly Uint8Array[] {
  const header = headerSize(acked);
  // A unit of UTF-16 has at most three bytes, so most texts are known to fit before they are encoded.
  if (header + (typeof message === "string" ? message.length * 3 : message.length) <= frameMax) return [encodeData(message, acked)];
  const payload = typeof message === "string" ? encoder.encode(message) : message;
  const text = typeof message === "string" ? flags.text : 0;
  const frames: Uint8Array[] = [];
  for (let from = 0, to = 0; to < payload.length || frames.length === 0; from = to) {
    const told = frames.length === 0 ? acked : undefined;
    to = Math.min(payload.length, from + frameMax - headerSize(told));
    frames.push(frameOf(types.data | text | (to < payload.length ? flags.more : 0), payload.subarray(from, to), told));
  }
  return frames;
}

/** What a VOLATILE brought. */
export function volatileMessage({ text, payload }: Volatile): Message | Wrong {
  return finished(text, payload);
}

/**
 * The message of a frame that is DATA, all of it, and acknowledges nothing, as nearly all are: without an object in between. Undefined: it is another
 * one, or not taken by who granted `windowBytes`, so `decode` it.
 */
export function wholeMessage(bytes: Uint8Array, { pieces }: Pieces, windowBytes: number): Message | Wrong | undefined {
  const text = bytes[0] === (types.data | flags.text);
  if ((!text && bytes[0] !== types.data) || pieces.length > 0 || bytes.length - 1 > windowBytes) return undefined;
  return finished(text, bytes.subarray(1));
}

/** The pieces of a message that is not complete. Plain data. */
export interface Pieces {
  pieces: Uint8Array[];
  bytes: number;
  text: boolean;
}

/** No message has begun. */
export function noPieces(): Pieces {
  return { pieces: [], bytes: 0, text: false };
}

/** As `Assembler`, for whoever keeps the pieces: `state` is changed in place. */
export function assemble(state: Pieces, windowBytes: number, { more, text, payload }: Data): Message | Wrong | undefined {
  if (payload.length > windowBytes - state.bytes) return { wrong: "a message of more bytes than the window has" };
  if (state.pieces.length === 0) {
    if (!more) return finished(text, payload);
  } else if (text !== state.text) return { wrong: "a message that is partly text" };
  else if (state.pieces.length >= (more ? limits.fragments - 1 : limits.fragments)) return { wrong: `a message of more than ${limits.fragments} fragments` };
  state.pieces.push(owned(payload));
  state.bytes += payload.length;
  state.text = text;
  return more ? undefined : whole(state);
}

/** Makes messages of DATA frames again. One per channel: half a message dies with it. */
export class Assembler {
  readonly #windowBytes: number;
  readonly #state: Pieces;

  /** `windowBytes`: what this side granted; no message is longer. `state`: where it goes on, changed in place; a fresh one by default. */
  constructor(windowBytes: number, state: Pieces = noPieces()) {
    this.#windowBytes = windowBytes;
    this.#state = state;
  }

  /** A message has begun and is not complete. */
  get unfinished(): boolean {
    return this.#state.pieces.length > 0;
  }

  /** The message that is complete with this frame (long bytes as a view of it), undefined while there is more to come, or what is wrong: then the channel must end. */
  push(data: Data): Message | Wrong | undefined {
    return assemble(this.#state, this.#windowBytes, data);
  }
}

const encoder = new TextEncoder();

function whole(state: Pieces): Message | Wrong {
  const { pieces, bytes, text } = state;
  const payload = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    payload.set(piece, at);
    at += piece.length;
  }
  state.pieces = [];
  state.bytes = 0;
  return finished(text, payload);
}

function messageFrame(type: number, message: Message, acked: number | undefined): Uint8Array {
  if (typeof message !== "string") return frameOf(type, message, acked);
  return headed(textBehind(headerSize(acked), message), type | flags.text, acked);
}

function frameOf(first: number, payload: Uint8Array, acked: number | undefined): Uint8Array {
  return headed(bytesBehind(headerSize(acked), payload), first, acked);
}

function headerSize(acked: number | undefined): number {
  return acked === undefined ? 1 : 1 + varintSize(acked);
}

function headed(frame: Uint8Array, first: number, acked: number | undefined): Uint8Array {
  frame[0] = acked === undefined ? first : first | flags.acks;
  if (acked !== undefined) writeVarint(frame, 1, acked);
  return frame;
}

function finished(text: boolean, payload: Uint8Array): Message | Wrong {
  if (text) return utf8(payload) ?? { wrong: "a text that is not UTF-8" };
  return payload.length <= inHeap ? payload.slice() : payload;
}

/** What waits for the rest of its message is copied where a view would keep a much longer buffer alive. */
function owned(payload: Uint8Array): Uint8Array {
  return payload.length <= inHeap || payload.buffer.byteLength > 2 * payload.length ? payload.slice() : payload;
}

/** Up to so many bytes V8 keeps a typed array in its heap: a copy costs no more than a view, and keeps nothing else alive. */
const inHeap = 64;
