// Holds one conversation over what is published of @holdfast/core on Deno and on Bun.
//     node scripts/dev.mjs node scripts/runtimes.ts
// Fetches both once into the cache of dev.mjs. One that the registry does not carry for this platform is named and left out; one
// that could not be fetched is, too, but an error with CI=true; one that is there must work.
import { dirname, join } from "node:path";
import { conversation, run } from "./conversation.ts";
import { fetchProgram, type PackagedProgram } from "./packaged-program.ts";
import { build, publicPackages } from "./public-packages.ts";

interface Candidate extends PackagedProgram {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const platform = `${process.platform}-${process.arch}`;
const dotExe = process.platform === "win32" ? ".exe" : "";

const deno: Candidate = {
  label: "Deno 2.9.6", version: "2.9.6", home: "deno-2.9.6", file: `deno${dotExe}`,
  package: of(["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-arm64", "win32-x64"], `@deno/${platform}${process.platform === "linux" ? "-glibc" : ""}`),
  // No permissions: core must get by without files, network and environment.
  args: ["run", "--no-prompt", "--cached-only", "-"], env: { DENO_NO_UPDATE_CHECK: "1" },
};

const bun: Candidate = {
  label: "Bun 1.4.5", version: "1.4.5", home: "bun-1.4.5", file: `bin/bun${dotExe}`,
  package: of(["darwin-arm64", "darwin-x64", "linux-arm64", "linux-x64", "win32-arm64", "win32-x64"], `@oven/bun-${platform.replace("win32", "windows").replace("arm64", "aarch64")}`),
  args: ["run", "--no-install", "-"], env: { DO_NOT_TRACK: "1" },
};

const packages = publicPackages();
build(packages);
// A package that depends on all that the conversation imports.
const folder = packages.find(({ name }) => name === "holdfast")?.folder ?? ".";

for (const candidate of [deno, bun]) {
  const fetched = fetchProgram(candidate);
  if ("problem" in fetched) {
    console.error(fetched.problem);
    if (fetched.exists && process.env["CI"] === "true") process.exitCode = 1;
    continue;
  }
  // What they compile is kept beside them, not in the user's own caches.
  const cache = join(dirname(fetched.program), "cache");
  const problem = run({ program: fetched.program, args: candidate.args, env: { ...candidate.env, DENO_DIR: cache, BUN_INSTALL_CACHE_DIR: cache } }, conversation, folder);
  if (problem === undefined) console.log(`${candidate.label}: fine`);
  else {
    console.error(`${candidate.label} cannot run what is published of @holdfast/core: ${problem}`);
    process.exitCode = 1;
  }
}

/** The name, on a platform that there is a package for. */
function of(platforms: readonly string[], name: string): string | undefined {
  return platforms.includes(platform) ? name : undefined;
}
