import { createHash } from "node:crypto";
import { existsSync, realpathSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { java } from "../process/java.ts";
import { classpath, jar } from "./jar.ts";

/**
 * What Java has made of ZooKeeper's classes (a dynamic archive, JEP 350): a server that begins with it takes a fifth less processor time, and the tests start
 * a hundred and forty. It is made by `src/cli/archive.ts`, for this Java and this jar. Java looks whether it fits, and does without where it does not.
 */
export function classArchive(): string {
  const age = (file: string): number => statSync(realpathSync(file)).mtimeMs;
  const key = createHash("sha256").update([java, age(java), age(jar), classpath].join()).digest("hex").slice(0, 16);
  return fileURLToPath(new URL(`../../../../node_modules/.cache/zookeeper-${key}.jsa`, import.meta.url));
}

/** For Java's command line; nothing where there is no archive. */
export function archiveFlags(): readonly string[] {
  const file = classArchive();
  return existsSync(file) ? [`-XX:SharedArchiveFile=${file}`] : [];
}
