import { OptionError } from "@holdfast/core";

/** The node that a client takes for `/` (its chroot), and the paths below it. */
export class Root {
  readonly #prefix: string;
  /** Programs ask for the same node again and again. */
  #checked = "/";

  /** `/` or nothing: no chroot. Throws an `OptionError` for what is no path. */
  constructor(path = "/") {
    checkPath(path, "the chroot");
    this.#prefix = path === "/" ? "" : path;
  }

  /** As the servers see it. Throws an `OptionError` for what is no path. */
  full(path: string): string {
    if (path !== this.#checked) {
      checkPath(path);
      this.#checked = path;
    }
    if (this.#prefix === "") return path;
    return path === "/" ? this.#prefix : this.#prefix + path;
  }

  /** As the client sees it. */
  own(full: string): string {
    if (this.#prefix === "" || !isWithin(full, this.#prefix)) return full;
    return full.length === this.#prefix.length ? "/" : full.slice(this.#prefix.length);
  }
}

/**
 * Throws an `OptionError` unless the servers would take it (`PathUtils.validatePath`): from `/`, no empty name, no `.` or `..`, no
 * `/` at the end, no control characters.
 */
export function checkPath(path: string, option = "path"): void {
  if (typeof path !== "string" || !path.startsWith("/")) throw new OptionError(option, "a path that begins with /", path);
  if (path === "/") return;
  if (path.endsWith("/")) throw new OptionError(option, "a path without a / at its end", path);
  if (/\/(?:\.{1,2})?(?:\/|$)/.test(path)) throw new OptionError(option, "a path without empty names, . and ..", path);
  // eslint-disable-next-line no-control-regex -- They are what is looked for.
  if (/[\0-\x1f\x7f-\x9f\ud800-\uf8ff\ufff0-\uffff]/.test(path)) throw new OptionError(option, "a path without control, private and surrogate characters", path);
}

/** A path is the node, or one below it: `/ab` is not below `/a`. */
export function isWithin(path: string, node: string): boolean {
  return path === node || path.startsWith(node === "/" ? "/" : `${node}/`);
}

/** `/a/b` → `/a`; `/a` → `/`. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** `/a/b` → `b`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
