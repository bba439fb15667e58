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

/** Read right after a collection: what 200 heartbeats leave lying about until the next one belongs to no link. */
async function heap(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    await pass(100);
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

const pass = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

const one = kind === "raw" ? raw : holdfast;
// A heartbeat or two, as in an idle life.
const life = 2_500;

// Code is compiled, and compiled again once it is known to be hot, and caches are filled before the scale is set to zero.
await open(one, 500);
await pass(life);
const before = await heap();
await open(one, Number(count));
await pass(life);
tell({ bytes: ((await heap()) - before) / Number(count) });
