import { existsSync } from "node:fs";
import { java, javac } from "../process/java.ts";

/** Where Debian's package libactivemq-java has its jars and those it needs; `ACTIVEMQ_JARS` names another folder, with the same names. */
const folder = process.env["ACTIVEMQ_JARS"] ?? "/usr/share/java";

const names = [
  "activemq-broker", "activemq-client", "activemq-jaas", "activemq-kahadb-store", "activemq-stomp", "activemq-protobuf",
  "hawtbuf", "geronimo-jms_1.1_spec", "geronimo-j2ee-management-1.1-spec", "slf4j-api", "slf4j-simple",
];

/** A broker's, and that of Java's own client. */
export const activeMqClasspath: string = names.map((name) => `${folder}/${name}.jar`).join(":");

/** For `describe.skipIf`: scripts/provide.ts brings ActiveMQ, Java and its compiler, and in CI it must. */
export function activeMqIsInstalled(): boolean {
  return existsSync(`${folder}/activemq-broker.jar`) && existsSync(java) && existsSync(javac);
}
