// What `npm test` does: lint, types and checks of the packages, then all tests. It ends at the first thing that is wrong, with 1.
//     node scripts/dev.mjs node scripts/check.ts
import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { Stamp } from "./stamp.ts";

/** Not repeated while nothing that they read has changed since they passed; with CI=true they are. */
const statics = new Stamp("statics", ["{packages,examples,docs,scripts}/**", "*.{json,md,ts,yaml}", ".oxlintrc.json", "LICENSE"]);
const searches = new Stamp("searches", ["packages/{bench,core,session,testkit}/{src,test}/**", "scripts/diagram.ts", "docs/concepts/state-diagram.md", "vitest.config.ts"]);

/** The steps of a chain follow one another, since each builds what is out of date. The chains run side by side. */
const chains: readonly (readonly string[])[] = [
  ["oxlint --type-aware"],
  ["tsc -b", "node scripts/size.ts --quiet", "node scripts/packages.ts", "node scripts/floor.ts", "node scripts/snippets.ts --check", "node scripts/api.ts --check"],
];

const running = new Set<ChildProcess>();
const stop = (): void => { for (const child of running) child.kill("SIGTERM"); };
// A terminal's Ctrl-C reaches all of us by itself, and whoever runs decides what becomes of it.
process.on("SIGTERM", stop).on("SIGINT", () => { process.exitCode = 130; });

/** Resolves when the command has ended with 0. Unless `stdio` says otherwise, what it said is shown then, all at once. */
async function run(command: string, stdio: StdioOptions = ["ignore", "pipe", "pipe"]): Promise<void> {
  const [program = "", ...args] = command.split(" ");
  const child = spawn(program, args, { stdio, shell: process.platform === "win32" });
  running.add(child);
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => { said.push(chunk); });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.on("error", reject);
  child.on("close", (code) => {
    running.delete(child);
    if (process.exitCode === undefined) process.stdout.write(Buffer.concat(said)); // Not of those that were stopped.
    if (code === 0) resolve();
    else reject(new Error(`${command} ended with ${String(code)}`));
  });
  await promise;
}

async function follow(chain: readonly string[]): Promise<void> {
  for (const command of chain) await run(command);
}

/** What reads the code and does not run it. */
async function look(): Promise<void> {
  if (!due(statics, "lint, types and the checks of the packages are")) return;
  await Promise.all(chains.map(follow));
  statics.set();
}

/** Ends with vitest's own last line, whatever it is. */
async function test(): Promise<void> {
  const command = due(searches, "the searches are") ? "vitest run" : "vitest run --project !searches";
  await run(command, "inherit").then(() => { searches.set(); }, () => { process.exitCode ??= 1; });
}

function due(stamp: Stamp, what: string): boolean {
  const spared = process.env["CI"] !== "true" && stamp.holds;
  if (spared) console.log(`[check] ${what} left out: nothing that they read has changed since they passed (CI=true npm test leaves nothing out)`);
  return !spared;
}

try {
  await run("node scripts/provide.ts");
  await run("node packages/test-servers/src/cli/archive.ts");
  await look();
  await test();
} catch (error) {
  if (process.exitCode === undefined) console.error((error as Error).message);
  process.exitCode ??= 1;
  stop();
}
