import type { Operation } from "../../src/operations/operation.ts";
import { packet } from "../../src/jute/sink.ts";
import { Source } from "../../src/jute/source.ts";

/** The body that an operation writes, in hexadecimal. */
export function body(operation: Operation<unknown>): string {
  return packet(operation).subarray(4).toString("hex");
}

/** What it makes of the body of an answer. Nothing may be left over. */
export function answer<T>(operation: Operation<T>, bytes: Uint8Array): T {
  const source = sourceOf(bytes);
  const value = operation.read(source);
  if (source.left > 0) throw new Error(`${source.left} bytes of the answer were not read`);
  return value;
}

/** Channels give plain arrays of bytes. */
export const sourceOf = (bytes: Uint8Array): Source => new Source(new Uint8Array(bytes));
