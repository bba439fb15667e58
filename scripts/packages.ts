// Checks every public package as a user gets it: built, packed by pnpm, unpacked by publint and by Are The Types Wrong.
//     node scripts/dev.mjs node scripts/packages.ts
// Prints one line for each package, and everything the tools said about one that fails; then it ends with 1.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./house.ts";
import { build, publicPackages } from "./public-packages.ts";

interface Outcome { readonly ok: boolean; readonly text: string }

const packages = publicPackages();
build(packages);

const shelf = mkdtempSync(join(tmpdir(), "holdfast-packages-"));
try {
  for (const { name, folder } of packages) check(name, folder);
} finally {
  rmSync(shelf, { recursive: true, force: true });
}

function check(name: string, folder: string): void {
  const place = mkdtempSync(join(shelf, "package-"));
  const packed = run(["pnpm", "pack", "--pack-destination", place], folder);
  const tarball = readdirSync(place).map((file) => join(place, file))[0];
  if (!packed.ok || tarball === undefined) return fail(`${name}: pnpm pack failed\n${packed.text}`);
  const problems = [
    leftovers(tarball),
    run(["publint", "run", tarball, "--strict"]),
    // ESM only, by intent: no entry needs to be loadable by require() from CommonJS on Node 10 or 16.
    run(["attw", tarball, "--profile", "esm-only", "--no-color", "--no-emoji", "--format", "ascii"]),
  ].filter(({ ok }) => !ok);
  if (problems.length > 0) return fail(`${name}: not fit to be published\n${problems.map(({ text }) => text).join("\n")}`);
  console.log(`${name}: fit to be published, ${kilobytes(tarball)} packed`);
}

/** What must not leave the workspace: tests, build state, and conditions that only resolve here. */
function leftovers(tarball: string): Outcome {
  const listing = run(["tar", "-tzf", tarball]);
  const stray = listing.text.split("\n").filter((file) => /\/(test|node_modules)\/|\.tsbuildinfo$|\.test\./.test(file));
  const manifest = run(["tar", "-xzOf", tarball, "package/package.json"]).text;
  const wrong = [
    ...stray.map((file) => `${file} does not belong in the package`),
    ...(manifest.includes("@holdfast/source") ? ["package.json still has the condition @holdfast/source: it belongs in `exports`, not in `publishConfig.exports`"] : []),
    ...(/"(workspace|catalog):/.test(manifest) ? ["package.json still has workspace: or catalog: versions"] : []),
    ...(listing.text.includes("package/LICENSE") ? [] : ["LICENSE is missing"]),
    ...(/package\/dist\/.*\.js\n/.test(listing.text) ? [] : ["dist is missing: build first"]),
  ];
  return { ok: listing.ok && wrong.length === 0, text: wrong.join("\n") };
}

function kilobytes(file: string): string {
  return `${(readFileSync(file).length / 1024).toFixed(1)} kB`;
}

function run([command = "", ...args]: readonly string[], cwd = root): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8", env: { ...process.env, NO_COLOR: "1" }, maxBuffer: 2 ** 26 });
  return { ok: status === 0, text: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}` };
}

function fail(text: string): void {
  console.error(text);
  process.exitCode = 1;
}
