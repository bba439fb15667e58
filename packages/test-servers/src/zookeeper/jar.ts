import { existsSync } from "node:fs";

/** Where Debian's package libzookeeper-java has it; `ZOOKEEPER_JAR` names another one. Its manifest names the other jars. */
export const jar: string = process.env["ZOOKEEPER_JAR"] ?? "/usr/share/java/zookeeper.jar";

/** The part of Debian's libslf4j-java that prints; without it ZooKeeper is silent about what hinders it. */
export const logger = "/usr/share/java/slf4j-simple.jar";

/** For `describe.skipIf`: scripts/provide.ts brings ZooKeeper, and in CI it must. */
export function zooKeeperIsInstalled(): boolean {
  return existsSync(jar);
}
