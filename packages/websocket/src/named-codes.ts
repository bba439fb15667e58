import { OptionError, type Next } from "@holdfast/core";

/** What to do about the numbers a peer may say: close codes, HTTP statuses. */
export type NamedCodes = Readonly<Record<number, Next>>;

/** Throws an `OptionError` for a number that no peer can say, or an order that does not exist. */
export function checkNamedCodes(option: string, codes: NamedCodes, possible: RegExp): void {
  for (const [code, next] of Object.entries(codes)) {
    if (possible.test(code) && ["retry", "elsewhere", "stop"].includes(next)) continue;
    throw new OptionError(option, "'retry', 'elsewhere' or 'stop' by code", `${code}: ${next}`);
  }
}
