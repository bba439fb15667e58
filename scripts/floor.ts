// Runs what is published on the oldest Node that we support: imports every entry, and holds one conversation.
//     node scripts/dev.mjs node scripts/floor.ts
// Fetches that Node once into the cache of dev.mjs. docs/adr/0001 says why the floor is there.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { build, publicPackages } from "./public-packages.ts";

const oldest = "22.18.0"; // As `engines` of every package says.

/** Plain JavaScript, as a user of that Node writes it. */
const conversation = `
  import { Link, text } from "@holdfast/core";
  import { retry } from "@holdfast/core/retry";
  import { memoryNetwork } from "@holdfast/testkit";
  const network = memoryNetwork();
  await retry(() => network.transport.listen({ ...endpoint() }, { accept: (channel) => channel.receive({ frame: (frame) => channel.send(frame), drained() {}, pong() {}, closed() {} }) }));
  const link = new Link({ endpoints: "memory://echo", transports: [network.transport], protocol: text(), heartbeat: false });
  await link.open();
  link.send("hello");
  for await (const message of link) { if (message === "hello") break; }
  await link.close();
  console.log("a link, a retry and a memory network work");
  function endpoint() { return { uri: "memory://echo", label: "memory://echo", scheme: "memory", host: "echo", port: 0, path: "", options: {} }; }
`;

const node = fetchNode();
const packages = publicPackages();
build(packages);
for (const { name, folder, exports } of packages) {
  const entries = Object.keys(exports).filter((path) => !path.endsWith(".json")).map((path) => join(name, path));
  run(folder, `for (const entry of ${JSON.stringify(entries)}) await import(entry);\nconsole.log(${JSON.stringify(`${entries.join(", ")}: loaded`)});`);
}
const front = packages.find(({ name }) => name === "holdfast");
if (front) run(front.folder, conversation);

function run(cwd: string, code: string): void {
  const { status, error } = spawnSync(node, ["--input-type=module", "--eval", code], { cwd, stdio: ["ignore", "inherit", "inherit"], timeout: 20_000 });
  if (status === 0) return;
  console.error(`Node ${oldest} cannot run what is published (in ${cwd})${error ? `: ${error.message}` : ""}`);
  process.exitCode = 1;
}

/** The registry carries Node as plain packages, one for each platform; the versions of this line exist for all of them. */
function fetchNode(): string {
  const home = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "holdfast-toolchain", `node-${oldest}`);
  const platform = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const name = `${platform === "darwin-arm64" ? "node-bin" : "node"}-${platform}`;
  const program = join(home, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(program)) return program;
  console.error(`[floor] fetching Node ${oldest} (once; kept in ${home})`);
  mkdirSync(home, { recursive: true });
  spawnSync("npm", ["install", "--prefix", home, "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error", `${name}@${oldest}`], { cwd: home, stdio: ["ignore", 2, 2] });
  if (existsSync(program)) return program;
  console.error(`[floor] could not fetch ${name}@${oldest} from the npm registry: try again when it can be reached`);
  process.exit(1);
}
