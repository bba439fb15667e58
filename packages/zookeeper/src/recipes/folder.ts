import { OptionError } from "@holdfast/core";
import { checkPath } from "../records/root.ts";

/** Throws an `OptionError` unless a recipe can have its nodes below it. */
export function checkFolder(path: string): void {
  checkPath(path);
  if (path === "/") throw new OptionError("path", "a node of its own, such as /locks/orders", path);
}
