// Servers that are broken, hostile or misled: a conversation of real packets, of which most are mutated. Whatever they say, nothing but an
// error of ours may come out of the client's side, at once, and every request must be settled in the end.
import { seededRandom } from "@holdfast/testkit";
import type { Random } from "@holdfast/core";
import type { Operation } from "../../src/operations/operation.ts";
import { multi, multiRead } from "../../src/operations/multi.ts";
import { Root } from "../../src/records/root.ts";
import { table } from "../operations/table.ts";
import { bool, buffer, framed, int, notification, record, reply, statFields, ustring, vector, welcome, type Field } from "../wire.ts";
import { below, mutated, noise, oneOf } from "./mutations.ts";
import { Peer } from "./peer.ts";

/** A conversation that takes longer than that hangs. */
const longest = 2_000;

interface Exchange { readonly operation: Operation<unknown>; readonly body: Field }

const root = new Root();
const header = (type: number): Field => record(int(type), bool(false), int(-1));
const exchanges: readonly Exchange[] = [
  ...Object.values(table).map(({ operation, reply: fields }) => ({ operation, body: record(...fields) })),
  {
    operation: multi(root, [{ type: "create", path: "/a" }, { type: "create", path: "/b", mode: "container" }, { type: "setData", path: "/c", data: "x" }, { type: "delete", path: "/d" }]),
    body: record(header(1), ustring("/a"), header(15), ustring("/b"), statFields, header(5), statFields, header(2), record(int(-1), bool(true), int(-1))),
  },
  { operation: multi(root, [{ type: "delete", path: "/a" }, { type: "check", path: "/b", version: 1 }]), body: record(header(-1), int(0), header(-1), int(-103)) },
  {
    operation: multiRead(root, [{ type: "getData", path: "/a" }, { type: "getChildren", path: "/b" }, { type: "getData", path: "/c" }]),
    body: record(header(4), buffer("x"), statFields, header(8), vector([ustring("y")]), header(-1), int(-101)),
  },
];
const greetings: readonly Field[] = [welcome(), welcome({ timeout: 0 }), welcome().subarray(0, -1), welcome({ readOnly: true })];

/** Runs so many packets, in conversations whose seeds follow each other. Throws at the first that breaks something, with the seed that repeats it. */
export async function fuzz(packets: number, firstSeed: number, each: (done: number, nextSeed: number) => void = () => {}): Promise<void> {
  for (let done = 0, seed = firstSeed; done < packets; seed += 1) {
    try {
      done += converse(seed);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}\nReplay it: npm run fuzz:zookeeper -- --seed ${seed} --packets 1`, { cause });
    }
    each(done, seed + 1);
    await Promise.resolve(); // Rejections are told to those who look.
  }
}

/** One conversation. Gives the number of packets. */
function converse(seed: number): number {
  const random = seededRandom(seed);
  const began = performance.now();
  const peer = new Peer(random);
  const script = scriptOf(random, peer);
  const direct = random() < 0.5;
  if (direct) for (const packet of script) peer.frame(random() < 0.9 ? framed(packet) : packet);
  else for (const chunk of chunks(random, script)) peer.chunk(chunk);
  peer.end();
  const took = performance.now() - began;
  const open = peer.requests.filter((request) => !request.settled);
  if (open.length > 0) throw new Error(`${open.length} of ${peer.requests.length} requests are never settled, the first a ${open[0]?.operation.name}`);
  if (took > longest) throw new Error(`${script.length} packets took ${Math.round(took)} ms`);
  return script.length;
}

/** What the server says: a greeting, an answer for each request in its turn, and things nobody asked for. Most of it mutated. */
function scriptOf(random: Random, peer: Peer): readonly Buffer[] {
  const plain: Buffer[] = [random() < 0.8 ? welcome() : oneOf(random, greetings)];
  const greeting = random() < 0.8 ? (plain[0] as Buffer) : mutated(random, plain[0] as Buffer, noise(random, 30));
  const asked = 1 + below(random, 12);
  for (let xid = 1; xid <= asked; xid += 1) {
    const { operation, body } = oneOf(random, exchanges);
    peer.ask(operation);
    plain.push(random() < 0.8 ? reply(xid, 7 + xid, 0, body) : reply(xid, 7 + xid, oneOf(random, [-101, -110, -4, -112, -1, -999, 1])));
    if (random() < 0.4) plain.push(unasked(random, peer));
  }
  return [greeting, ...plain.slice(1).map((packet) => (random() < 0.5 ? packet : mutated(random, packet, oneOf(random, plain))))];
}

function unasked(random: Random, peer: Peer): Buffer {
  switch (below(random, 5)) {
    case 0: return notification(below(random, 8) - 1, oneOf(random, ["/app/a", "/app/b", "/app", "/app/b/c", "/", "", "no path", "/é"]), below(random, 3) - 1);
    case 1: peer.ping(below(random, 9)); return reply(-2, 0, 0);
    case 2: return reply(-4, 0, oneOf(random, [0, 0, 0, -115]));
    case 3: return reply(-8, 9, oneOf(random, [0, 0, 0, -4]));
    default: return noise(random, below(random, 200));
  }
}

/** A stream as a socket gives it: split anywhere. Now and then a length of a packet is wrong. */
function chunks(random: Random, script: readonly Buffer[]): readonly Buffer[] {
  const stream = Buffer.concat(script.map((packet) => {
    const whole = framed(packet);
    if (random() < 0.05) whole.writeInt32BE(oneOf(random, [0, 1, 15, 16, 17, 1_025, 5_000, 0x7fff_ffff, -1, -5]), 0);
    return whole;
  }));
  const parts: Buffer[] = [];
  const size = oneOf(random, [1, 7, 50, 300, 10_000]);
  for (let at = 0; at < stream.length;) {
    const length = 1 + below(random, size);
    parts.push(stream.subarray(at, at + length));
    at += length;
  }
  return parts;
}
