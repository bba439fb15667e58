// What a check leaves when it has passed. While nothing that it reads has changed, it need not be repeated.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { files, root } from "./house.ts";

/** The stamp of one check, and a digest of all that its outcome depends on. */
export class Stamp {
  readonly #file: string;
  readonly #digest: string;

  /** `reads`: glob patterns of files, from the root; those in `node_modules` and `dist` do not count. They are read here and now: what is edited while the check runs was not checked. */
  constructor(check: string, reads: readonly string[]) {
    this.#file = join(root, "node_modules/.cache/passed", check);
    this.#digest = digest(["pnpm-lock.yaml", "tsconfig*.json", ...reads]);
  }

  /** The check has passed with just this. */
  get holds(): boolean {
    try {
      return readFileSync(this.#file, "utf8") === this.#digest;
    } catch {
      return false; // Never, on this machine.
    }
  }

  /** It has passed just now. */
  set(): void {
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(this.#file, this.#digest);
  }
}

function digest(patterns: readonly string[]): string {
  const hash = createHash("sha256").update(process.version);
  for (const file of patterns.flatMap(files)) {
    const path = join(root, file);
    if (statSync(path).isFile()) hash.update(`\0${file}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
}
