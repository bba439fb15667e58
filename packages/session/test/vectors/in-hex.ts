import type { SessionFrame } from "../../src/frames/frame.ts";

/** A frame as any language reads it: bytes as lower-case hexadecimal. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "hex"));
}

export function fieldsOf(frame: SessionFrame): Fields {
  return Object.fromEntries(Object.entries(frame).map(([name, value]) => [name, value instanceof Uint8Array ? hex(value) : value]));
}

/** Those that are bytes. */
const binary = new Set(["auth", "id", "secret", "generation", "mac", "payload"]);

export function frameOf(fields: Fields): SessionFrame {
  // The names and values are those of the frames: whoever wrote the vectors had them from there.
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, binary.has(name) ? unhex(String(value)) : value])) as unknown as SessionFrame;
}
