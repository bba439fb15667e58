// What our servers are told, by zoo.cfg and on Java's command line.
import { createHash } from "node:crypto";
import { archiveFlags } from "./class-archive.ts";
import { classpath } from "./jar.ts";

/** Who adds this as `digest` may do everything, `reconfig` too: `addAuth("digest", "super:" + superPassword)`. */
export const superPassword = "test";

const digest = createHash("sha1").update(`super:${superPassword}`).digest("base64");

/** Small and quick to start: 57 MB and half a second each. */
const machine: readonly string[] = ["-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss256k", "-XX:ReservedCodeCacheSize=32m", "-XX:-UsePerfData"];

const properties: Readonly<Record<string, string>> = {
  "org.slf4j.simpleLogger.defaultLogLevel": "warn",
  "org.slf4j.simpleLogger.showDateTime": "true",
  "readonlymode.enabled": "true",
  "znode.container.checkIntervalMs": "500",
  "zookeeper.DigestAuthenticationProvider.superDigest": `super:${digest}`,
  "zookeeper.extendedTypesEnabled": "true",
  // What a test writes need not outlive the machine.
  "zookeeper.forceSync": "no",
};

/** Java's arguments; flags of the caller come later and win. */
export function javaArguments(config: string, flags: readonly string[]): readonly string[] {
  const given = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  return [...machine, ...archiveFlags(), ...given, ...flags, "-cp", classpath, "org.apache.zookeeper.server.quorum.QuorumPeerMain", config];
}

/** Lines that all servers share; a setting of the caller replaces the one of its name. */
export function commonSettings(dataDir: string, tickTime: number, settings: Readonly<Record<string, string | number>>): string {
  const all = {
    dataDir, tickTime,
    initLimit: 20, syncLimit: 6,
    minSessionTimeout: 1_000, maxSessionTimeout: 60_000,
    maxClientCnxns: 0,
    preAllocSize: 4_096,
    reconfigEnabled: true,
    "4lw.commands.whitelist": "*",
    "admin.enableServer": false,
    ...settings,
  };
  return Object.entries(all).map(([name, value]) => `${name}=${value}\n`).join("");
}
