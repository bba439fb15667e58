import { parseEndpoint, type Listener } from "@holdfast/core";
import { echoPeer } from "@holdfast/testkit/conformance";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { TestProject } from "vitest/node";
import { WebSocketServer, type WebSocket } from "ws";
import { websocket } from "../src/node.ts";

/** Where the tests in a browser find the servers that run in Node. */
export interface BrowserServer {
  /** Our own listener: an echo for every page. */
  readonly echo: string;
  /** Our own listener with its default: only pages of its own host, which the page of the tests is not. */
  readonly guarded: string;
  /** A server of ws that does what the path says: see `acts`. */
  readonly stage: string;
  /** The same server over HTTP: tells how many clients of `/late` are there. */
  readonly stageHttp: string;
  /** Nothing listens here. */
  readonly dead: string;
}

declare module "vitest" {
  interface ProvidedContext {
    websocketServer: BrowserServer;
  }
}

/** The global setup of the browser project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const http = createServer((_, response) => { response.setHeader("access-control-allow-origin", "*").end(String(late.size)); });
  const ws = new WebSocketServer({ server: http, verifyClient: ({ req }, decide) => { if (actOf(req) !== "silent") decide(actOf(req) !== "refuse", 403); } });
  ws.on("connection", play);
  const host = await opened(http);
  const gone = createServer();
  const dead = await opened(gone);
  gone.close();
  const listeners = await Promise.all([listen({ origins: "*" }), listen({})]);
  const [echo, guarded] = listeners.map(({ endpoint }) => endpoint.uri);
  project.provide("websocketServer", { echo: echo ?? "", guarded: guarded ?? "", stage: `ws://${host}`, stageHttp: `http://${host}`, dead: `ws://${dead}/` });
  return async () => {
    for (const client of ws.clients) client.terminate();
    http.close();
    http.closeAllConnections();
    await Promise.all(listeners.map((listener) => listener.close()));
  };
}

/** What the server does with a client, by the path it dialled. */
const acts: Readonly<Record<string, (socket: WebSocket, code: number, reason: string) => void>> = {
  /** `/close/<code>/<reason>` */
  close: (socket, code, reason) => { socket.send("hello"); socket.close(code, reason); },
  lost: (socket) => { socket.terminate(); },
  oversize: (socket) => { socket.send(new Uint8Array(100_001)); },
  protocol: (socket) => { socket.send(socket.protocol); },
  /** Tells the next client of `/witness` how this one left. */
  leaver: (socket) => { socket.on("close", (code, reason) => { witness?.send(`${code} ${reason.toString()}`); }); },
  witness: (socket) => { witness = socket; socket.send("ready"); },
  /** Reads nothing until a client of `/wake` comes. */
  sleeper: (socket) => { socket.pause(); sleepers.push(socket); },
  late: (socket) => { late.add(socket); socket.on("close", () => { late.delete(socket); }); },
  wake: () => { for (const socket of sleepers.splice(0)) socket.resume(); },
};

const sleepers: WebSocket[] = [];
const late = new Set<WebSocket>();
let witness: WebSocket | undefined;

function play(socket: WebSocket, request: IncomingMessage): void {
  const [, , code, reason = ""] = (request.url ?? "").replace(/\?.*$/, "").split("/");
  socket.on("error", () => {});
  acts[actOf(request)]?.(socket, Number(code), decodeURIComponent(reason));
}

function actOf({ url = "/" }: IncomingMessage): string {
  return /^\/(\w*)/.exec(url)?.[1] ?? "";
}

async function listen(options: Parameters<typeof websocket>[0]): Promise<Listener> {
  const listener = await websocket(options).listen?.(parseEndpoint("ws://127.0.0.1:0/"), { accept: echoPeer });
  if (listener === undefined) throw new Error("this transport does not listen");
  return listener;
}

async function opened(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}
