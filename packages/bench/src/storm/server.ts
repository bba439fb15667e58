// A server that is closed and opened again where it is told to, on the same port. It accepts, and is silent.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tell } from "../child.ts";
import { monotonic } from "../monotonic.ts";

export type Command = "down" | "up";
export interface Told { readonly port: number; readonly at: number }

const sockets = new Set<Socket>();
const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on("error", () => { /* The other side is gone. */ });
  socket.on("close", () => { sockets.delete(socket); });
  socket.resume();
});
let port = 0;

function report(): void {
  tell({ port, at: monotonic() } satisfies Told);
}

function up(): void {
  server.listen({ port, host: "127.0.0.1", backlog: 4_096 }, () => {
    ({ port } = server.address() as AddressInfo); // It listens on TCP.
    report();
  });
}

function down(): void {
  server.close();
  for (const socket of sockets) socket.resetAndDestroy();
  report();
}

process.on("message", ({ command }: { readonly command: Command }) => {
  if (command === "up") up();
  else down();
});
up();
