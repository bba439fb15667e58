import { ConnectError, type Endpoint } from "@holdfast/core";

/** What a function that gives `headers` or `protocols` is told. */
export interface DialContext {
  readonly endpoint: Endpoint;
  /** Aborted when the dial is given up. */
  readonly signal: AbortSignal;
}

/** A value, or a function that is asked for a fresh one before every dial. */
export type PerDial<T> = T | ((dial: DialContext) => T | Promise<T>);

/** The next dial brings other credentials than this one: a function gives them. */
export function isFresh(...sources: readonly (PerDial<object | string> | undefined)[]): boolean {
  return sources.some((source) => typeof source === "function");
}

/** The value for this dial. Rejects with a `ConnectError` when the function throws. */
export async function valueFor<T extends object | string>(option: string, source: PerDial<T>, dial: DialContext): Promise<T> {
  if (typeof source !== "function") return source;
  const ask = source as (dial: DialContext) => T | Promise<T>; // A value is never a function itself.
  try {
    return await ask(dial);
  } catch (cause) {
    const { label } = dial.endpoint;
    throw new ConnectError("HF_DIAL_FAILED", label, `${label} was not dialled: the function given as \`${option}\` threw`, { cause });
  }
}
