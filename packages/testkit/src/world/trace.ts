import type { Millis } from "@holdfast/core";
import type { Packet } from "../memory/packet.ts";

/** Longest list of lines that is kept; the oldest go first. */
const longest = 10_000;

/**
 * What happened in a world, condensed to a number: two runs that differ anywhere differ here. Mixing as in FNV-1a, on two lanes with
 * different multipliers, so that two traces collide once in 2⁶⁴.
 */
export class Trace {
  #one = 0x811c9dc5 | 0;
  #other = 0x9747b28c | 0;
  readonly #float = new Float64Array(1);
  readonly #halves = new Int32Array(this.#float.buffer);
  /** Readable lines, where they were asked for. */
  readonly lines: string[] | undefined;

  constructor(record: boolean) {
    this.lines = record ? [] : undefined;
  }

  get hash(): string {
    return [this.#one, this.#other].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
  }

  packet(now: Millis, connection: number, direction: "outward" | "inward", packet: Packet): void {
    this.#time(now);
    this.#mix(direction === "outward" ? connection * 2 : connection * 2 + 1);
    if (typeof packet === "string") this.#text(packet);
    else if (packet instanceof Uint8Array) this.#bytes(packet);
    else this.#text(packet.signal);
    this.#line(now, () => `#${connection} ${direction === "outward" ? "→" : "←"} ${show(packet)}`);
  }

  note(now: Millis, text: string): void {
    this.#time(now);
    this.#text(text);
    this.#line(now, () => text);
  }

  #time(now: Millis): void {
    this.#float[0] = now;
    this.#mix(this.#halves[0] ?? 0);
    this.#mix(this.#halves[1] ?? 0);
  }

  #text(text: string): void {
    this.#mix(text.length);
    for (let place = 0; place < text.length; place += 1) this.#mix(text.charCodeAt(place));
  }

  #bytes(bytes: Uint8Array): void {
    this.#mix(~bytes.length);
    for (const byte of bytes) this.#mix(byte);
  }

  #mix(number: number): void {
    this.#one = Math.imul(this.#one ^ number, 0x01000193);
    this.#other = Math.imul(this.#other ^ number, 0x5bd1e995);
    this.#other ^= this.#other >>> 15;
  }

  #line(now: Millis, text: () => string): void {
    if (this.lines === undefined) return;
    this.lines.push(`${now.toFixed(3).padStart(12)} ${text()}`);
    if (this.lines.length > longest) this.lines.shift();
  }
}

function show(packet: Packet): string {
  if (typeof packet === "string") return JSON.stringify(packet.length > 60 ? `${packet.slice(0, 60)}…` : packet);
  return packet instanceof Uint8Array ? `${packet.byteLength} bytes` : packet.signal;
}
