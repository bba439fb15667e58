import { OptionError } from "@holdfast/core";

/** -1: any. */
const any = -1;

/** Throws an `OptionError` for what is no version. It would be cut to one on its way, and a node be changed that has another. */
export function checkVersion(version: number): void {
  // Versions are signed, and begin again from the least number after the greatest.
  if (!Number.isInteger(version) || version !== (version | 0)) throw new OptionError("version", `a whole number of 32 bits, or ${any} for any`, version);
}
