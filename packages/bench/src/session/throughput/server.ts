// The server's side: keepers and bare servers on both transports, which count what arrives, and send it back where the mode is echo.
import { framed, type Frame, type Protocol } from "@holdfast/core";
import { Server, type Peer } from "@holdfast/server";
import { Keeper, memoryStore } from "@holdfast/session/keeper";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { tell } from "../../child.ts";
import { Tally } from "./tally.ts";

const [mode = "echo", warm = "0", count = "0"] = process.argv.slice(2);
const echo = mode === "echo";
const tally = new Tally(Number(warm), Number(count));

// Nobody is left to serve.
process.on("disconnect", () => { process.exit(); });

const keeper = new Keeper({
  store: memoryStore(),
  handle: (message, { session }) => {
    tally.next();
    if (echo) session.send(message);
  },
});
keeper.on("session", () => { tally.reset(); });

function greet(peer: Peer<Frame, Frame>): void {
  tally.reset();
  peer.receive((message) => {
    tally.next();
    if (echo) peer.send(message);
  });
}

async function serve<In>(protocol: Protocol<Frame, In>, greeted?: (peer: Peer<Frame, In>) => void): Promise<readonly [tcp: number, ws: number]> {
  const server = new Server<Frame, In>({ protocol, heartbeat: "lan" });
  if (greeted) server.on("peer", ({ peer }) => { greeted(peer); });
  const doors = [await server.listen(tcp(), "tcp://127.0.0.1:0"), await server.listen(websocket(), "ws://127.0.0.1:0")];
  return doors.map(({ endpoint }) => endpoint.port ?? 0) as unknown as [number, number]; // As many as doors.
}

const [tcpLink, wsLink] = await serve(framed(), greet);
const [tcpSession, wsSession] = await serve(keeper.protocol);
tell({ "tcp-link": tcpLink, "ws-link": wsLink, "tcp-session": tcpSession, "ws-session": wsSession });
