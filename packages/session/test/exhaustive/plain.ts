/** A copy of plain data. Bytes are shared: nobody changes them. */
export function copy<T>(value: T): T {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(copy) as T;
  const out: { [name: string]: unknown } = {};
  for (const name in value) out[name] = copy(value[name]);
  return out as T; // The same fields, with values of the same kinds.
}

/** Plain data as a text: equal where they are, whatever the order in which their fields were set. */
export function keyOf(value: unknown): string {
  if (value instanceof Uint8Array) return `<${String.fromCharCode(...value)}>`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(keyOf).join()}]`;
  const fields = value as Readonly<{ [name: string]: unknown }>; // Plain data.
  return `{${Object.keys(fields).toSorted().map((name) => `${name}:${keyOf(fields[name])}`).join()}}`;
}
