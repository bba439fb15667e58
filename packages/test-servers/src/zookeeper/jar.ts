import { existsSync } from "node:fs";
import { java } from "../process/java.ts";

/** Where Debian's package libzookeeper-java has it; `ZOOKEEPER_JAR` names another one. Its manifest names the other jars. */
export const jar: string = process.env["ZOOKEEPER_JAR"] ?? "/usr/share/java/zookeeper.jar";

/**
 * Debian's manifest forgets parts of Netty that TLS needs, and names no logger that prints: ZooKeeper would be silent about what
 * hinders it.
 */
export const classpath: string = [jar, ...["slf4j-simple", "netty-codec", "netty-resolver", "netty-transport-native-unix-common"].map((name) => `/usr/share/java/${name}.jar`)].join(":");

/** For `describe.skipIf`: scripts/provide.ts brings ZooKeeper and Java, and in CI it must. */
export function zooKeeperIsInstalled(): boolean {
  return existsSync(jar) && existsSync(java);
}
