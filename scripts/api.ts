// Writes what users can see: for each entry of each public package its exported declarations, sorted, into docs/api.
//     node scripts/dev.mjs node scripts/api.ts [--check]
// With --check nothing is written, and it ends with 1 where a report differs from the code: a change of the API is then a line
// in a review. Comments are left out: a better sentence is no change of the API.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mentioned, publicNames, type Found } from "./declarations.ts";
import { files, root } from "./house.ts";
import { build, publicPackages, type Exports } from "./public-packages.ts";

const check = process.argv.includes("--check");
const packages = publicPackages();
build(packages);

const reports = new Map<string, string>();
for (const { name, folder, exports } of packages) {
  for (const { entry, types } of Object.entries(exports).flatMap(([path, target]) => entriesOf(join(name, path), target))) {
    const file = entry.replace(/^@holdfast\//, "").replace(/\W+/g, "-");
    reports.set(`docs/api/${file}.txt`, report(entry, join(folder, types)));
  }
}

const stale = files("docs/api/*.txt").filter((file) => !reports.has(file));
if (check) compare();
else write();

/** The declaration files behind one path, the browser's own among them. */
function entriesOf(entry: string, target: Exports): readonly { readonly entry: string; readonly types: string }[] {
  if (typeof target === "string") return [];
  return Object.entries(target).flatMap(([condition, path]) => {
    if (condition === "types" && typeof path === "string") return [{ entry, types: path }];
    return entriesOf(`${entry} ${condition}`, path);
  });
}

function report(entry: string, file: string): string {
  const names = publicNames(file);
  const rest = mentioned([...names.values()]);
  const lines = [`// What ${entry} exports. Written by scripts/api.ts; not to be edited.`];
  for (const [name, { file: place, name: own, text }] of names) {
    if (place !== "") lines.push("", ...(name === own ? [] : [`// as ${name}`]), tidy(text));
  }
  lines.push(...passedOn(names));
  if (rest.length > 0) lines.push("", "// Not exported by name, but part of the above:");
  for (const { text } of rest) lines.push("", tidy(text));
  return `${lines.join("\n")}\n`;
}

/** What is another package's, one paragraph for each. */
function passedOn(names: ReadonlyMap<string, Found>): readonly string[] {
  const others = Map.groupBy(names, ([, { module }]) => module);
  return [...others].flatMap(([module, found]) => {
    if (module === undefined) return [];
    return ["", `export {\n${found.map(([name, { name: own }]) => `  ${name === own ? name : `${own} as ${name}`},\n`).join("")}} from "${module}";`];
  });
}

function tidy(text: string): string {
  return text.replace(/^(?:export\s+)?(?:declare\s+)?/gm, "").replace(/^\s*#private;\n/gm, "").replace(/^\s*\n/gm, "").replace(/^(?: {4})+/gm, (indent) => " ".repeat(indent.length / 2)).replace(/[ \t]+$/gm, "");
}

function write(): void {
  mkdirSync(join(root, "docs/api"), { recursive: true });
  for (const [file, text] of reports) writeFileSync(join(root, file), text);
  for (const file of stale) rmSync(join(root, file));
  console.log(`wrote ${reports.size} reports to docs/api`);
}

function compare(): void {
  const known = new Set(files("docs/api/*.txt"));
  const shelf = mkdtempSync(join(tmpdir(), "holdfast-api-"));
  try {
    for (const [file, text] of reports) {
      if (known.has(file) && readFileSync(join(root, file), "utf8") === text) continue;
      writeFileSync(join(shelf, "now.txt"), text);
      const before = known.has(file) ? join(root, file) : "/dev/null";
      console.error(`${file} differs from the code:\n${spawnSync("git", ["diff", "--no-index", "--no-color", "-U1", before, join(shelf, "now.txt")], { encoding: "utf8" }).stdout.split("\n").slice(4).join("\n")}`);
      process.exitCode = 1;
    }
  } finally {
    rmSync(shelf, { recursive: true, force: true });
  }
  for (const file of stale) {
    console.error(`${file} belongs to no entry any more`);
    process.exitCode = 1;
  }
  if (process.exitCode === 1) console.error("If the change of the API is meant: node scripts/dev.mjs node scripts/api.ts, and commit docs/api.");
}
