import { FrameError, type Frame, type Framing } from "@holdfast/core";
import type { CountingFramer } from "@holdfast/core/framing";
import { int32 } from "../jute/source.ts";
import { replyHeaderBytes } from "./packets.ts";

/** In place of the error number of a reply that was too long to be kept. No server uses it. */
export const tooLong = -1_000_001;

/** The first packet is a greeting of some 40 bytes: whatever announces more is no ZooKeeper. */
const longestGreeting = 1024;

/**
 * Packets with a length of 4 bytes in front. A frame is a run of whole packets, their lengths included, as many as arrived together: most of
 * what one packet costs is to be handed on. Requests leave likewise.
 *
 * A reply longer than `maxPacketBytes` does not end the connection, as it does in ZooKeeper's own client: the request that asked for
 * it would be sent again after the reconnect, and end the next one. Its header is handed on with the error `tooLong`, and the rest
 * is let pass unread.
 */
export function zookeeperFraming(maxPacketBytes: number): Framing {
  return { start: () => new ZooKeeperFramer(maxPacketBytes) };
}

class ZooKeeperFramer implements CountingFramer {
  readonly #max: number;
  #greeted = false;
  /** The packet that has begun to arrive, from its length field on. */
  #pending = Buffer.alloc(4);
  #have = 0;
  /** -1 while the length field is not complete. */
  #length = -1;
  /** Bytes of a packet that is too long which are yet to come. */
  #skip = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get unfinished(): number {
    return this.#have + this.#skip;
  }

  wrap(frame: Frame): Uint8Array {
    return frame as Uint8Array; // Packets are built as bytes, their lengths included.
  }

  push(chunk: Uint8Array, whole: (packets: Uint8Array) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, chunk.length - at);
        this.#skip -= passed;
        at += passed;
      } else {
        const end = this.#have === 0 ? this.#run(chunk, at) : at;
        if (end === at) at = this.#collect(chunk, at, whole);
        else {
          whole(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
          at = end;
        }
      }
    }
  }

  /** Where the whole packets end that begin at `from`. */
  #run(chunk: Uint8Array, from: number): number {
    let at = from;
    while (chunk.length - at >= 4) {
      const length = int32(chunk, at);
      if (!this.#isPossible(length) || length > this.#max || chunk.length - at - 4 < length) break;
      this.#greeted = true;
      at += 4 + length;
    }
    return at;
  }

  /** Adds what there is to the part that is being collected. Returns where the rest of the chunk begins. */
  #collect(chunk: Uint8Array, from: number, whole: (packets: Uint8Array) => void): number {
    const isLong = this.#length > this.#max;
    const wanted = 4 + (this.#length < 0 ? 0 : isLong ? replyHeaderBytes : this.#length);
    const to = Math.min(chunk.length, from + wanted - this.#have);
    this.#keep(chunk.subarray(from, to), wanted);
    if (this.#have < wanted) return to;
    if (this.#length < 0) {
      this.#begin(this.#pending.readInt32BE(0));
      if (this.#length > 0) return to;
    }
    const part = this.#pending.subarray(0, wanted);
    if (isLong) {
      this.#skip = this.#length - replyHeaderBytes;
      part.writeInt32BE(replyHeaderBytes, 0);
      part.writeInt32BE(tooLong, replyHeaderBytes);
    }
    this.#pending = Buffer.alloc(4);
    this.#have = 0;
    this.#length = -1;
    whole(new Uint8Array(part.buffer, part.byteOffset, part.length));
    return to;
  }

  /** The buffer doubles, so a peer that announces much and sends little makes us hold little. */
  #keep(bytes: Uint8Array, limit: number): void {
    const length = this.#have + bytes.length;
    if (length > this.#pending.length) {
      const grown = Buffer.alloc(Math.min(limit, Math.max(length, 2 * this.#pending.length, 64)));
      grown.set(this.#pending.subarray(0, this.#have));
      this.#pending = grown;
    }
    this.#pending.set(bytes, this.#have);
    this.#have = length;
  }

  #begin(length: number): void {
    if (!this.#isPossible(length)) {
      throw new FrameError("HF_BAD_FRAME", "remote", "the peer does not speak ZooKeeper's protocol: is it the client port (2181 as a rule), and TLS on both sides or on none?", { next: "elsewhere" });
    }
    this.#greeted = true;
    this.#length = length;
  }

  #isPossible(length: number): boolean {
    return length >= 0 && (this.#greeted || length <= longestGreeting);
  }
}
