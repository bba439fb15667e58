import { decode } from "../../src/frames/decode.ts";

/** What happened in a schedule: a number that two runs of one seed agree on, and the story as a message sequence chart, where somebody wants to read it. */
export class Chronicle {
  hash = 0x811c9dc5;
  readonly lines: string[] | undefined;

  constructor({ traced }: { readonly traced: boolean }) {
    this.lines = traced ? [] : undefined;
  }

  mix(one: number, other: number): void {
    this.hash = Math.imul(this.hash ^ one, 0x01000193);
    this.hash = Math.imul(this.hash ^ Math.round(other * 8), 0x01000193);
  }

  /** `words` is called where somebody reads. */
  note(now: number, words: () => string): void {
    this.lines?.push(`${now.toFixed(1).padStart(9)}  ${words()}`);
  }

  frame(now: number, from: string, to: string, bytes: Uint8Array): void {
    this.mix(bytes[0] ?? 0, bytes.length + now);
    if (this.lines !== undefined) this.note(now, () => `${from} ──▶ ${to}  ${inWords(bytes)}`);
  }
}

function inWords(bytes: Uint8Array): string {
  const frame = decode(bytes);
  if (typeof frame === "string") return frame;
  const fields = Object.entries(frame).map(([name, value]) => {
    if (value instanceof Uint8Array) return name === "payload" ? `"${new TextDecoder().decode(value.subarray(0, 12))}"${value.length > 12 ? `…${value.length}` : ""}` : undefined;
    return name === "type" || value === false || name.startsWith("version") || name === "features" ? undefined : `${name}=${String(value)}`;
  });
  return [frame.type.toUpperCase(), ...fields.filter((field) => field !== undefined)].join(" ");
}
