// Holds idle connections and says what they weigh.
import { bytes, Link } from "@holdfast/core";
import { websocket } from "@holdfast/websocket";
import { WebSocket } from "ws";
import { tell } from "../child.ts";

const [kind = "", port = "", count = "0"] = process.argv.slice(2);
const url = `ws://127.0.0.1:${port}`;
const transport = websocket();
const kept: unknown[] = [];

/** Opens connections a few at a time, so that the listen queue of the server is not what we measure. */
async function open(one: () => Promise<unknown>, wanted: number): Promise<void> {
  for (let opened = 0; opened < wanted; opened += 50) kept.push(...await Promise.all(Array.from({ length: Math.min(50, wanted - opened) }, one)));
}

function raw(): Promise<unknown> {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  socket.on("open", () => { resolve(socket); });
  socket.on("error", reject);
  socket.on("message", () => { /* As any program has it. */ });
  return promise;
}

async function holdfast(): Promise<unknown> {
  const link = new Link({ endpoints: url, transports: [transport], protocol: bytes(), heartbeat: "lan" });
  link.on("message", () => { /* As any program has it. */ });
  await link.open();
  return link;
}

async function heap(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  return process.memoryUsage().heapUsed;
}

const one = kind === "raw" ? raw : holdfast;
await open(one, 20); // Code is compiled and caches are filled before the scale is set to zero.
const before = await heap();
await open(one, Number(count));
// A heartbeat or two, as in an idle life.
await new Promise((resolve) => { setTimeout(resolve, 2_500); });
tell({ bytes: ((await heap()) - before) / Number(count) });
