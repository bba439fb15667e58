// Two echo servers that have never heard of holdfast: just `ws`.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/** Both on free ports of this machine. */
export async function startServers(): Promise<{ uri: string; kill(endpoint?: string): void; stop(): void }> {
  const servers = new Map([await startServer(), await startServer()]);
  const kill = (endpoint = ""): void => {
    for (const socket of servers.get(endpoint)?.clients ?? []) socket.terminate();
    servers.get(endpoint)?.close();
  };
  return { uri: [...servers.keys()].join(), kill, stop: () => { for (const endpoint of servers.keys()) kill(endpoint); } };
}

async function startServer(): Promise<[uri: string, WebSocketServer]> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const uri = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on TCP, so it has a port.
  server.on("connection", (socket) => {
    socket.on("message", (message: Buffer) => { socket.send(`${uri} heard: ${String(message)}`); });
  });
  return [uri, server];
}
