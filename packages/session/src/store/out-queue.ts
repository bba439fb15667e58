import type { Frame } from "@holdfast/core";
import type { Outgoing } from "./store.ts";
import { weigh } from "./weight.ts";

const smallest = 8;
/** A ring longer than this is given back when it runs empty. */
const kept = 64;
const none: number[] = [];

/**
 * The messages for one client that it has not acknowledged, in a ring: adding and letting go of one costs the same however many wait, and
 * leaves no garbage behind. They are numbered 1, 2, 3 … from the first one ever.
 */
export class OutQueue {
  /** A power of two of places; none before the first message. */
  #ring: (Frame | undefined)[] | undefined;
  /** What each weighs, at the same place: a text is counted once. */
  #weights: number[] = none;
  #head = 0;
  #length = 0;
  #acked = 0;
  #bytes = 0;

  /** Messages up to this one are let go. */
  get acked(): number {
    return this.#acked;
  }

  /** The number of the last message. */
  get sent(): number {
    return this.#acked + this.#length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** `weight`: as `weigh` says, where somebody asked it before. */
  push(message: Frame, weight: number = weigh(message)): void {
    const ring = this.#roomy();
    const place = (this.#head + this.#length) & (ring.length - 1);
    ring[place] = message;
    this.#weights[place] = weight;
    this.#length += 1;
    this.#bytes += weight;
  }

  /** Bytes of the messages up to `sequence`, which need not be as high as `acked`. */
  bytesUpTo(sequence: number): number {
    const ring = this.#ring;
    if (ring === undefined) return 0;
    let sum = 0;
    for (let at = 0; at < Math.min(sequence - this.#acked, this.#length); at += 1) sum += this.#weights[(this.#head + at) & (ring.length - 1)] ?? 0;
    return sum;
  }

  /** Lets go of the messages up to `sequence`; says how many bytes that freed. */
  letGo(sequence: number): number {
    const ring = this.#ring;
    const before = this.#bytes;
    if (ring !== undefined) {
      while (this.#acked < sequence && this.#length > 0) {
        this.#bytes -= this.#weights[this.#head] ?? 0;
        ring[this.#head] = undefined;
        this.#head = (this.#head + 1) & (ring.length - 1);
        this.#length -= 1;
        this.#acked += 1;
      }
      if (this.#length === 0 && ring.length > kept) [this.#ring, this.#weights] = [undefined, none];
    }
    return before - this.#bytes;
  }

  read(from: number, limit: number): readonly Outgoing[] {
    const ring = this.#ring;
    const found: Outgoing[] = [];
    if (ring === undefined) return found;
    const last = Math.min(this.sent, Math.max(from, this.#acked + 1) + limit - 1);
    for (let sequence = Math.max(from, this.#acked + 1); sequence <= last; sequence += 1) {
      found.push({ sequence, message: ring[(this.#head + sequence - this.#acked - 1) & (ring.length - 1)] as Frame }); // Within the length.
    }
    return found;
  }

  #roomy(): (Frame | undefined)[] {
    const old = this.#ring;
    if (old !== undefined && this.#length < old.length) return old;
    const ring: (Frame | undefined)[] = Array.from({ length: old === undefined ? smallest : old.length * 2 }, () => undefined);
    const weights: number[] = Array.from({ length: ring.length }, () => 0);
    if (old !== undefined) {
      for (let at = 0; at < this.#length; at += 1) {
        const place = (this.#head + at) & (old.length - 1);
        ring[at] = old[place];
        weights[at] = this.#weights[place] ?? 0;
      }
    }
    this.#weights = weights;
    this.#head = 0;
    this.#ring = ring;
    return ring;
  }
}
