// The packages that are published, and their build.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { files, read, root } from "./house.ts";

/** Conditions to paths, nested: the part of npm's format that we use. */
export type Exports = string | { readonly [condition: string]: Exports };

interface Manifest { readonly name: string; readonly private?: boolean; readonly publishConfig: { readonly exports: Readonly<Record<string, Exports>> } }

export interface PublicPackage {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
  /** As published: paths to conditions to files of `dist`. */
  readonly exports: Readonly<Record<string, Exports>>;
}

export function publicPackages(): readonly PublicPackage[] {
  return files("packages/*/package.json").flatMap((file) => {
    const manifest = JSON.parse(read(file)) as Manifest; // npm's own format.
    return manifest.private === true ? [] : [{ name: manifest.name, folder: dirname(join(root, file)), exports: manifest.publishConfig.exports }];
  });
}

/** Compiles them; their tests are not looked at. Ends the process where that fails: what is built is not what is written. */
export function build(packages: readonly PublicPackage[]): void {
  const { status, stdout, stderr, error } = spawnSync("tsc", ["-b", ...packages.map(({ folder }) => folder)], { cwd: root, encoding: "utf8" });
  if (status === 0) return;
  console.error(`tsc -b failed:\n${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`);
  process.exit(1);
}
