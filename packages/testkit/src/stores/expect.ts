import { claim } from "../conformance/claim.ts";

/** Claims that each property that is named has this value. What else an answer says is not looked at. */
export function answers(got: unknown, expected: object, what: string): void {
  const fault = typeof got === "object" && got !== null ? difference(got, expected) : "it is none";
  claim(fault === undefined, `${what} should be ${show(expected)}; ${fault}, in ${show(got)}`);
}

/** Whether an answer has these properties. */
export function fits(got: unknown, expected: object): boolean {
  return typeof got === "object" && got !== null && (Array.isArray(expected) ? same(got, expected) : difference(got, expected) === undefined);
}

/** Claims that two values are equal in every part. Bytes are compared as bytes, whatever their class. */
export function equals(got: unknown, expected: unknown, what: string): void {
  claim(same(got, expected), `${what} should be ${show(expected)}, got ${show(got)}`);
}

/** Claims that the call is rejected: with an error, and not by throwing at once. */
export async function rejects(call: () => unknown, what: string): Promise<void> {
  let answer: unknown;
  try {
    answer = call();
  } catch {
    throw new Error(`${what} should reject its promise, but threw at once`);
  }
  try {
    answer = await answer;
  } catch (error) {
    claim(error instanceof Error, `${what} should be rejected with an Error, got ${show(error)}`);
    return;
  }
  throw new Error(`${what} should be rejected, but answered ${show(answer)}`);
}

function difference(got: object, expected: object): string | undefined {
  for (const [name, value] of Object.entries(expected)) {
    const other = (got as Record<string, unknown>)[name]; // Looked at, not trusted.
    if (!same(other, value)) return `${name} is ${show(other)}`;
  }
  return undefined;
}

function same(one: unknown, other: unknown): boolean {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return Object.is(one, other);
  if (one instanceof Uint8Array || other instanceof Uint8Array) return one instanceof Uint8Array && other instanceof Uint8Array && one.byteLength === other.byteLength && one.every((byte, at) => byte === other[at]);
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => same((one as Record<string, unknown>)[name], (other as Record<string, unknown>)[name])); // Looked at, not trusted.
}

/** As JSON, with bytes as numbers and not more than a line. */
export function show(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => (part instanceof Uint8Array ? `bytes ${[...part.subarray(0, 16)].join(" ")}${part.byteLength > 16 ? ` … (${part.byteLength})` : ""}` : part)) ?? String(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
