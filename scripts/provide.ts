// Brings what some tests need and npm cannot: `node scripts/provide.ts`, before the tests. On Debian as root it installs; elsewhere
// it names, in one line each, what will not run. With CI=true something missing is an error. Silent when nothing is missing.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

interface Need {
  readonly name: string;
  /** Where the tests look for it: what this variable says, else this path, which is where Debian has it. */
  readonly variable: string;
  readonly path: string;
  /** Debian packages that bring it. */
  readonly packages: readonly string[];
  /** What does not run without it. */
  readonly without: string;
}

const needs: readonly Need[] = [
  { name: "chromium", variable: "CHROMIUM_PATH", path: "/usr/bin/chromium", packages: ["chromium"], without: "the browser tests" },
  { name: "java", variable: "JAVA_PATH", path: "/usr/bin/java", packages: ["default-jre-headless"], without: "the tests with real ZooKeeper servers" },
  { name: "ZooKeeper", variable: "ZOOKEEPER_JAR", path: "/usr/share/java/zookeeper.jar", packages: ["libzookeeper-java"], without: "the tests with real ZooKeeper servers" },
  { name: "zkCli.sh", variable: "ZKCLI_PATH", path: "/usr/share/zookeeper/bin/zkCli.sh", packages: ["zookeeper"], without: "the test beside ZooKeeper's own shell" },
  { name: "ActiveMQ", variable: "ACTIVEMQ_JARS", path: "/usr/share/java/activemq-broker.jar", packages: ["libactivemq-java"], without: "the tests with real ActiveMQ brokers" },
  { name: "kazoo", variable: "KAZOO_PATH", path: "/usr/lib/python3/dist-packages/kazoo", packages: ["python3-kazoo"], without: "the tests beside kazoo" },
  { name: "Curator", variable: "CURATOR_JAR", path: "/usr/share/java/curator-recipes.jar", packages: ["libcurator-recipes-java"], without: "the tests beside Curator" },
  { name: "Redis", variable: "REDIS_SERVER", path: "/usr/bin/redis-server", packages: ["redis-server"], without: "the tests with real Redis servers" },
  { name: "javac", variable: "JAVAC_PATH", path: "/usr/bin/javac", packages: ["default-jdk-headless"], without: "the tests with real ActiveMQ brokers, and those beside Java's clients" },
];

// A path that somebody chose is not Debian's to fill.
const wanted = lacking().filter(({ variable }) => process.env[variable] === undefined).flatMap(({ packages }) => packages);
if (wanted.length > 0 && isDebian() && process.getuid?.() === 0) install(wanted);
const missing = lacking();
for (const need of missing) console.error(`[provide] no ${need.name} at ${pathOf(need)}: ${need.without} will not run (install it, or set ${need.variable})`);
if (missing.length > 0 && process.env["CI"] === "true") process.exitCode = 1;

function lacking(): readonly Need[] {
  return needs.filter((need) => !existsSync(pathOf(need)));
}

function pathOf({ variable, path }: Need): string {
  return process.env[variable] ?? path;
}

function isDebian(): boolean {
  return existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
}

/** Servers must not start by themselves: the tests start their own, on ports of their own. */
function install(packages: readonly string[]): void {
  const policy = "/usr/sbin/policy-rc.d";
  const ours = !existsSync(policy);
  // Without handlers a Ctrl-C would end us here and leave the policy behind; with them apt-get ends, and then we do.
  const stay = (): void => {};
  process.on("SIGINT", stay).on("SIGTERM", stay);
  console.error(`[provide] installing ${packages.join(", ")} with apt-get (once)`);
  try {
    if (ours) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
    // An index that could not be fetched is no failure yet: the packages may be in the old one.
    const log = [apt("update"), apt("install", "--yes", "--no-install-recommends", ...packages)];
    if (log.at(-1)?.failed) console.error(`${log.map(({ text }) => text.trim()).join("\n")}\n[provide] apt-get could not install ${packages.join(", ")}: see above`);
  } finally {
    if (ours) rmSync(policy, { force: true });
    process.off("SIGINT", stay).off("SIGTERM", stay);
  }
}

function apt(...args: readonly string[]): { readonly failed: boolean; readonly text: string } {
  const { status, stdout, stderr, error } = spawnSync("apt-get", ["--quiet", "--option=DPkg::Lock::Timeout=120", ...args], { encoding: "utf8", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }, stdio: ["ignore", "pipe", "pipe"], maxBuffer: 2 ** 26 });
  return { failed: status !== 0, text: `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}` };
}
