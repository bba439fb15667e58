// Programs that the npm registry carries as plain packages, one for each platform: fetched once into the cache of dev.mjs.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export interface PackagedProgram {
  /** As it is spoken of: "Deno 2.9.6". */
  readonly label: string;
  /** Folder in the cache. */
  readonly home: string;
  /** The package for this platform; undefined where there is none. */
  readonly package: string | undefined;
  /** Exact: what is in the cache is never looked at twice. */
  readonly version: string;
  /** The program inside the package. */
  readonly file: string;
}

/** Where the program is; or in one line why it cannot be had, and whether it exists at all. */
export type Fetched = { readonly program: string } | { readonly problem: string; readonly exists: boolean };

export function fetchProgram({ label, home, package: name, version, file }: PackagedProgram): Fetched {
  if (name === undefined) return { problem: `${label} could not be had: there is no package of it for ${process.platform} on ${process.arch}`, exists: false };
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "holdfast-toolchain");
  const program = join(cache, home, "node_modules", name, file);
  if (existsSync(program)) return { program };
  console.error(`[setup] fetching ${label} (once; kept in ${join(cache, home)})`);
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, ".draft-")); // Whole or not at all.
  const { stdout, stderr, error } = spawnSync("npm", ["install", "--prefix", draft, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", `${name}@${version}`], { cwd: draft, encoding: "utf8", shell: process.platform === "win32" });
  if (existsSync(join(draft, "node_modules", name, file))) {
    rmSync(join(cache, home), { recursive: true, force: true }); // What another version of this script left there.
    try { renameSync(draft, join(cache, home)); } catch { /* Another process was first. */ }
  }
  rmSync(draft, { recursive: true, force: true });
  if (existsSync(program)) return { program };
  const said = `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`;
  const [reason = "no reason given"] = /E[A-Z]{5,}/.exec(said) ?? said.match(/.+/) ?? [];
  return { problem: `${label} could not be had: npm could not fetch ${name}@${version} (${reason})`, exists: !/E404|ETARGET|EBADPLATFORM/.test(said) };
}
