// Would a test notice? Breaks a package on purpose, one way after the other, in a copy, and demands that its unit tests turn red.
// `node scripts/dev.mjs node scripts/mutants.ts` tries all of them, `… mutants.ts greeting` those whose name
// contains one of the words, `… mutants.ts zookeeper` and `… mutants.ts session` those of that package.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineMutants } from "./engine-mutants.ts";
import type { Mutant, Package } from "./mutant.ts";
import { sessionMutants } from "./session-mutants.ts";

const mutants: readonly Mutant[] = [...engineMutants, ...sessionMutants];

const root = fileURLToPath(new URL("../", import.meta.url));
/** One per process: two runs at once must not break each other's copy. */
const copy = join(root, `node_modules/.cache/mutants-${process.pid}`);

/** A copy of the packages with their tests and what they read, that resolves its dependencies as the original does. */
function layOut(): void {
  rmSync(copy, { recursive: true, force: true });
  for (const path of ["core/src", "core/test", "core/testdata", "core/package.json", "zookeeper/src", "zookeeper/test", "zookeeper/package.json", "session/src", "session/test", "session/package.json"].map((path) => `packages/${path}`).concat("scripts/diagram.ts", "docs/concepts/state-diagram.md", "docs/guides/security.md", "docs/spec")) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  for (const name of ["core", "zookeeper", "session"]) symlinkSync(join(root, `packages/${name}/node_modules`), join(copy, `packages/${name}/node_modules`));
  mkdirSync(join(copy, "out"));
  // The copy lies below node_modules, which vitest would neither search for tests nor translate.
  writeFileSync(join(copy, "vitest.config.mjs"), `const conditions = ["@holdfast/source", "module", "node", "development|production"];
export default {
  root: ${JSON.stringify(copy)},
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@holdfast/source", "node", "module-sync"] } },
  test: {
    include: ["packages/*/test/**/*.unit.test.ts"],
    exclude: ["packages/core/test/schedules/**", "packages/zookeeper/test/fuzz/**", "packages/session/test/frames/fuzz*"], bail: 3,
    testTimeout: 300_000, // A busy machine kills no mutant.
    reporters: ["json"], outputFile: ${JSON.stringify(join(copy, "out/report.json"))},
    server: { deps: { inline: [/mutants/] } },
  },
};
`);
}

const packages: ReadonlySet<string> = new Set(["zookeeper", "session"]);

interface Report {
  readonly testResults: readonly { readonly name: string; readonly message: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

/** The tests of a package that fail, as `file: sentence`. */
function red(name: Package): readonly string[] {
  const tests = `packages/${name}/test/`;
  const { status } = spawnSync("vitest", ["run", "--config", join(copy, "vitest.config.mjs"), tests], { cwd: copy, stdio: "ignore" });
  const report = JSON.parse(readFileSync(join(copy, "out/report.json"), "utf8")) as Report; // Written by vitest.
  const failed = report.testResults.flatMap(({ name: path, message, assertionResults }) => {
    const file = path.slice(path.indexOf(tests) + tests.length);
    if (assertionResults.length === 0 && message !== "") return [`${file}: ${message}`];
    return assertionResults.filter((result) => result.status === "failed").map(({ fullName }) => `${file}: ${fullName}`);
  });
  return failed.length === 0 && status !== 0 ? ["an error outside of any test"] : failed;
}

/** The sentence that says most: one of a table, if there is one, before the searches that find everything. */
function telling(tests: readonly string[]): string {
  return tests.find((test) => !/^(machine\/enumeration|transcripts|simulation|exhaustive)/.test(test)) ?? tests[0] ?? "";
}

/** The file that is to be broken, as it is. Throws where there is nothing to break. */
function original({ name, in: where = "core", file, from }: Mutant): { readonly path: string; readonly text: string } {
  const path = join(copy, `packages/${where}/src`, file);
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${name}: ${where} has changed; this must stand in ${file} exactly once: ${from}`);
  return { path, text };
}

function main(wanted: readonly string[]): void {
  process.once("exit", () => { rmSync(copy, { recursive: true, force: true }); });
  layOut();
  const chosen = mutants.filter(({ name, in: where }) => wanted.length === 0 || wanted.some((word) => (packages.has(word) ? where === word : name.includes(word))));
  for (const mutant of chosen) original(mutant); // Better now than after the first hundred.
  for (const name of new Set(chosen.map((mutant) => mutant.in ?? "core"))) {
    const before = red(name);
    if (before.length > 0) throw new Error(`the tests must be green before anything is broken: ${before.join("; ")}`);
  }
  let survivors = 0;
  for (const mutant of chosen) {
    const { name, in: where = "core", file, from, to } = mutant;
    const { path, text } = original(mutant);
    writeFileSync(path, text.replace(from, () => to));
    const killers = red(where);
    writeFileSync(path, text);
    if (killers.length === 0) survivors += 1;
    console.log(killers.length === 0 ? `SURVIVED  ${name} (${file})` : `killed    ${name}\n          by ${telling(killers)}`);
  }
  console.log(survivors === 0 ? "all mutants were killed" : `${survivors} survived`);
  process.exitCode = survivors === 0 ? 0 : 1;
}

main(process.argv.slice(2));
