// Whether a check passed with what it would read now. Such a check need not be repeated.
import { createHash } from "node:crypto";
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "./house.ts";

/** A check as it stands: its name, and a digest of all that its outcome depends on. */
export class Check {
  readonly #stamp: string;
  readonly #digest: string;

  /** `reads`: glob patterns of files, from the root; those in `node_modules` and `dist` do not count. They are read here and now: what is edited while the check runs was not checked. */
  constructor(name: string, reads: readonly string[]) {
    this.#stamp = join(root, "node_modules/.cache/passed", name);
    this.#digest = digest(["pnpm-lock.yaml", "tsconfig*.json", ...reads]);
  }

  get passed(): boolean {
    try {
      return readFileSync(this.#stamp, "utf8") === this.#digest;
    } catch {
      return false; // Never, on this machine.
    }
  }

  /** It has passed just now. */
  note(): void {
    mkdirSync(dirname(this.#stamp), { recursive: true });
    writeFileSync(this.#stamp, this.#digest);
  }
}

/** Of others' files, or of ours by the build. */
function made(path: string): boolean {
  return ["node_modules", "dist"].includes(basename(path));
}

function digest(patterns: readonly string[]): string {
  const hash = createHash("sha256").update(process.version);
  for (const file of patterns.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: made })).toSorted()) {
    const path = join(root, file);
    if (statSync(path).isFile()) hash.update(`\0${file}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}
