// Runs what is published on the oldest Node that we support: imports every entry, and holds one conversation.
//     node scripts/dev.mjs node scripts/floor.ts
// Fetches that Node once into the cache of dev.mjs. docs/adr/0001 says why the floor is there.
import { join } from "node:path";
import { conversation, run } from "./conversation.ts";
import { fetchProgram } from "./packaged-program.ts";
import { build, publicPackages } from "./public-packages.ts";

const version = "22.18.0"; // As `engines` of every package says.
const label = `Node ${version}`;

// The versions of this line exist for all platforms.
const platform = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const fetched = fetchProgram({
  label, version, home: `node-${version}`,
  package: `${platform === "darwin-arm64" ? "node-bin" : "node"}-${platform}`,
  file: process.platform === "win32" ? "bin/node.exe" : "bin/node",
});
if (!("program" in fetched)) {
  console.error(fetched.problem);
  process.exit(1);
}
const node = { program: fetched.program, args: ["--input-type=module", "-"] };

const packages = publicPackages();
build(packages);
for (const { name, folder, exports } of packages) {
  const entries = Object.keys(exports).filter((path) => !path.endsWith(".json")).map((path) => join(name, path));
  attempt(`${entries.map((entry) => `import ${JSON.stringify(entry)};`).join("\n")}\nconsole.log(${JSON.stringify(`${entries.join(", ")}: loaded`)});`, folder);
  if (name === "holdfast") attempt(conversation, folder);
}

function attempt(code: string, folder: string): void {
  const problem = run(node, code, folder);
  if (problem === undefined) return;
  console.error(`${label} cannot run what is published (in ${folder}): ${problem}`);
  process.exitCode = 1;
}
