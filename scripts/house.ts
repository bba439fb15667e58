// The rules of the house about who may import whom, as functions over file names and texts. scripts/test/house.unit.test.ts
// applies them to the repository.
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = dirname(dirname(fileURLToPath(import.meta.url)));

/** A package imports only from floors below its own. A folder under packages/ that is not listed here fails the test. */
export const floors: Readonly<Record<string, number>> = { core: 0, tcp: 1, websocket: 1, server: 2, session: 2, zookeeper: 2, testkit: 3, "test-servers": 3, holdfast: 4, bench: 5 };

/** Loaded by browsers: what these reach may not import `node:`, nor a package that has no use there. */
export const browserEntries: readonly string[] = ["packages/websocket/src/browser.ts", "packages/holdfast/src/browser.ts"];

export interface Import {
  /** The file that imports, relative to the root, with slashes. */
  readonly from: string;
  readonly specifier: string;
  /** `import type` and the like: gone when it runs. */
  readonly typeOnly: boolean;
}

/** Files below the root, as relative paths with slashes; none of others, and none that the build has made. */
export function files(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: root, exclude: (path) => ["node_modules", "dist"].includes(basename(path)) }).map((file) => file.split(sep).join("/")).toSorted();
}

export function read(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** Every import and re-export of a source text: static, type-only, for effect, dynamic, and `import("…")` types. */
export function importsOf(from: string, text: string): readonly Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const [, kind, names, specifier] of code.matchAll(/^[ \t]*(?:import|export)\s+(type\s)?([^"'`;=()]*?)\s*from\s*["']([^"']+)["']/gm)) {
    const each = /^\{(.*)\}$/s.exec(names ?? "")?.[1]?.split(",").map((name) => name.trim()).filter((name) => name !== "");
    found.push({ from, specifier: specifier ?? "", typeOnly: kind !== undefined || (each !== undefined && each.length > 0 && each.every((name) => name.startsWith("type "))) });
  }
  for (const [, specifier] of code.matchAll(/^[ \t]*import\s*["']([^"']+)["']/gm)) found.push({ from, specifier: specifier ?? "", typeOnly: false });
  for (const [, specifier] of code.matchAll(/\b(?:import|require)\s*\(\s*["']([^"']+)["']/g)) found.push({ from, specifier: specifier ?? "", typeOnly: false });
  return found;
}

/** What is wrong with an import of a package's source; undefined when nothing is. `declared`: the packages it depends on at run time. */
export function breach({ from, specifier }: Import, declared: ReadonlySet<string>): string | undefined {
  const home = from.split("/")[1] ?? "";
  const say = (why: string): string => `${from} imports ${specifier}: ${why}`;
  if (specifier.startsWith(".")) {
    const target = normalize(join(dirname(from), specifier)).split(sep).join("/");
    return target.startsWith(`packages/${home}/`) ? undefined : say("a relative path that leaves its package");
  }
  if (specifier.startsWith("node:")) return home === "core" ? say("core runs anywhere") : undefined;
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const neighbour = name === "holdfast" ? name : /^@holdfast\/(.+)$/.exec(name)?.[1];
  if (neighbour === home) return say("a package does not import itself by name");
  if (neighbour !== undefined && (floors[neighbour] ?? Infinity) >= (floors[home] ?? -1)) return say(`${neighbour} is not on a floor below ${home}`);
  return declared.has(name) ? undefined : say(`${name} is no dependency of packages/${home}/package.json`);
}

/** What a package needs where it is installed. */
export function declaredBy(manifest: string): ReadonlySet<string> {
  const { dependencies, peerDependencies } = JSON.parse(manifest) as { dependencies?: object; peerDependencies?: object }; // npm's own format.
  return new Set([...Object.keys(dependencies ?? {}), ...Object.keys(peerDependencies ?? {})]);
}

/** What is left of an index after its re-exports are taken out: nothing, in this house. */
export function otherThanReExports(text: string): string {
  return withoutComments(text).replace(/\bexport\s+(type\s+)?(\*(\s+as\s+\w+)?|\{[^}]*\})\s*from\s*["'][^"']+["']\s*;?/g, "").replace(/\bexport\s*\{\s*\}\s*;?/g, "").trim();
}

/** Good enough for sources: a `//` inside a string stays, because nothing but space or a semicolon may precede a comment. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[\s;,{}()])\/\/.*$/gm, "$1");
}
