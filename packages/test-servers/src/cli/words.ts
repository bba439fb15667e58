import type { Ensemble } from "../zookeeper/ensemble.ts";
import type { ZooKeeperServer } from "../zookeeper/server.ts";

const deeds: Readonly<Record<string, (server: ZooKeeperServer) => void | Promise<void>>> = {
  kill: (server) => server.kill(),
  start: (server) => server.start(),
  freeze: (server) => { server.freeze(); },
  thaw: (server) => { server.thaw(); },
};

/** Does what a line says, and tells in one or more lines what came of it. Never rejects. */
export async function obey(ensemble: Ensemble, line: string): Promise<string> {
  const [word = "", number, ...rest] = line.trim().split(/\s+/);
  if (word === "") return "";
  if (word === "status" && number === undefined) return status(ensemble);
  const deed = Object.hasOwn(deeds, word) ? deeds[word] : undefined;
  const server = ensemble.servers.find(({ id }) => String(id) === number);
  if (deed === undefined || server === undefined || rest.length > 0) return `not understood: "${line.trim()}". Say status, or one of ${Object.keys(deeds).join(", ")} and a number from 1 to ${ensemble.servers.length}`;
  try {
    await deed(server);
    return describe(server, "running");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A line for each server. */
export async function status(ensemble: Ensemble): Promise<string> {
  const lines = await Promise.all(ensemble.servers.map(async (server) => describe(server, await server.mode() ?? "running, serves nobody yet")));
  return lines.join("\n");
}

function describe(server: ZooKeeperServer, mode: string): string {
  const { id, address, pid } = server;
  const state = server.frozen ? "frozen" : server.running ? mode : "dead";
  return `server ${id}  ${address}  ${pid === undefined ? "" : `process ${pid}  `}${state}`;
}
