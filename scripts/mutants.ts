// Would a test notice? Breaks core on purpose, one way after the other, in a copy, and demands that its unit tests turn red.
// `node scripts/dev.mjs node scripts/mutants.ts` tries all of them, `… mutants.ts greeting` those whose name contains the word.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

interface Mutant {
  readonly name: string;
  /** Inside packages/core/src. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

const mutants: readonly Mutant[] = [
  {
    name: "one miss more than maxMisses", file: "machine/round-trip.ts",
    from: "if (misses >= policy.maxMisses && !talking) {",
    to: "if (misses > policy.maxMisses && !talking) {",
  },
  {
    name: "news of a stale epoch is believed", file: "machine/link.ts",
    from: "state.slots.find(({ epoch }) => epoch === event.epoch)",
    to: "state.slots.find(({ epoch }) => epoch === event.epoch) ?? state.slots.at(-1)",
  },
  {
    name: "jitter before the cap", file: "policy/backoff.ts",
    from: "return backoff((attempt) => Math.min(max, initial * Math.min(factor ** (attempt - 1), Number.MAX_VALUE)), jitter);",
    to: "const spread = backoff((attempt) => initial * Math.min(factor ** (attempt - 1), Number.MAX_VALUE), jitter);\n  return { delay: (attempt, dice) => Math.min(max, spread.delay(attempt, dice)) };",
  },
  {
    name: "the attempt count is reset on connect", file: "machine/link.ts",
    from: "{ phase: \"connected\", slots, epoch, course, met: true, downSince, since: now }",
    to: "{ phase: \"connected\", slots, epoch, course: settled(course), met: true, downSince, since: now }",
  },
  {
    name: "half a packet outlives its channel", file: "framing/delimiter.ts",
    from: "return { start: (maxFrameBytes) => new DelimiterFramer(end, maxFrameBytes) };",
    to: "let kept: DelimiterFramer | undefined;\n  return { start: (maxFrameBytes) => (kept ??= new DelimiterFramer(end, maxFrameBytes)) };",
  },
  {
    name: "a late timer judges at once", file: "machine/round-trip.ts",
    from: "const asleep = late > Math.max(50, policy.timeout / 4);",
    to: "const asleep = late < 0;",
  },
  {
    name: "inbound data counts as proof for ever", file: "machine/round-trip.ts",
    from: "const talking = moment.heardAt > state.askedAt && misses < 2 * policy.maxMisses;",
    to: "const talking = moment.heardAt > state.askedAt;",
  },
  {
    name: "close() inside a listener reconnects", file: "link/engine.ts",
    from: "(this.#inbox ??= []).push({ event, error }); // A listener called back: first finish the current step.",
    to: "if (event.type !== \"close\") (this.#inbox ??= []).push({ event, error });",
  },
  {
    name: "the greeting is outside the dial timeout", file: "machine/link.ts",
    from: "replace(state, { ...slot, stage: \"greeting\" })",
    to: "replace(state, { ...slot, stage: \"greeting\", wakeAt: Infinity })",
  },
  {
    name: "a dropped message is not reported", file: "link/outbox.ts",
    from: "for (const victim of victims) this.#owner.dropped(victim, \"overflow\");",
    to: "",
  },
];

const root = fileURLToPath(new URL("../", import.meta.url));
/** One per process: two runs at once must not break each other's copy. */
const copy = join(root, `node_modules/.cache/mutants-${process.pid}`);

/** A copy of core with its tests and what they read, that resolves its dependencies as the original does. */
function layOut(): void {
  rmSync(copy, { recursive: true, force: true });
  for (const path of ["packages/core/src", "packages/core/test", "packages/core/testdata", "packages/core/package.json", "scripts/diagram.ts", "docs/concepts/state-diagram.md"]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, "packages/core/node_modules"), join(copy, "packages/core/node_modules"));
  mkdirSync(join(copy, "out"));
  // The copy lies below node_modules, which vitest would neither search for tests nor translate.
  writeFileSync(join(copy, "vitest.config.mjs"), `const conditions = ["@holdfast/source", "module", "node", "development|production"];
export default {
  root: ${JSON.stringify(copy)},
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@holdfast/source", "node", "module-sync"] } },
  test: {
    include: ["packages/core/test/**/*.unit.test.ts"],
    exclude: ["packages/core/test/schedules/**"], bail: 3,
    reporters: ["json"], outputFile: ${JSON.stringify(join(copy, "out/report.json"))},
    server: { deps: { inline: [/mutants/] } },
  },
};
`);
}

interface Report {
  readonly testResults: readonly { readonly name: string; readonly message: string; readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[] }[];
}

/** The tests that fail, as `file: sentence`. */
function red(): readonly string[] {
  const { status } = spawnSync("vitest", ["run", "--config", join(copy, "vitest.config.mjs")], { cwd: copy, stdio: "ignore" });
  const report = JSON.parse(readFileSync(join(copy, "out/report.json"), "utf8")) as Report; // Written by vitest.
  const failed = report.testResults.flatMap(({ name, message, assertionResults }) => {
    const file = name.slice(name.indexOf("packages/core/test/") + "packages/core/test/".length);
    if (assertionResults.length === 0 && message !== "") return [`${file}: ${message}`];
    return assertionResults.filter((result) => result.status === "failed").map(({ fullName }) => `${file}: ${fullName}`);
  });
  return failed.length === 0 && status !== 0 ? ["an error outside of any test"] : failed;
}

/** The sentence that says most: one of a table, if there is one, before the searches that find everything. */
function telling(tests: readonly string[]): string {
  return tests.find((test) => !/^(machine\/enumeration|transcripts)/.test(test)) ?? tests[0] ?? "";
}

function main(wanted: string | undefined): void {
  process.once("exit", () => { rmSync(copy, { recursive: true, force: true }); });
  layOut();
  const before = red();
  if (before.length > 0) throw new Error(`the tests must be green before anything is broken: ${before.join("; ")}`);
  let survivors = 0;
  for (const { name, file, from, to } of mutants.filter((mutant) => mutant.name.includes(wanted ?? ""))) {
    const path = join(copy, "packages/core/src", file);
    const text = readFileSync(path, "utf8");
    if (text.split(from).length !== 2) throw new Error(`${name}: core has changed; this must stand in ${file} exactly once: ${from}`);
    writeFileSync(path, text.replace(from, () => to));
    const killers = red();
    writeFileSync(path, text);
    if (killers.length === 0) survivors += 1;
    console.log(killers.length === 0 ? `SURVIVED  ${name} (${file})` : `killed    ${name}\n          by ${telling(killers)}`);
  }
  console.log(survivors === 0 ? "all mutants were killed" : `${survivors} survived`);
  process.exitCode = survivors === 0 ? 0 : 1;
}

main(process.argv[2]);
