// Opens a link, brings it to some point of its life, closes it there, and says what is left. In a process of its own, where whatever
// is left is ours.
import { constant, framed, Link, text, type EndpointEntry, type EndpointSource, type Frame, type LinkOptions, type Protocol } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { getEventListeners } from "node:events";
import { tell } from "../../../bench/src/child.ts";

/** Where the parent serves. */
export interface Places {
  /** Greets and answers pings. */
  readonly good: Readonly<Record<"tcp" | "tls" | "ws" | "wss", EndpointEntry>>;
  /** Greets and reads nothing more. */
  readonly deaf: Readonly<Record<"tcp" | "ws", string>>;
  /** Takes the connection and never says a word. */
  readonly mute: number;
  /** Nobody listens there. */
  readonly shut: number;
}
export interface Leftovers { readonly scene: string; readonly how: "close" | "abort"; readonly left: readonly string[]; readonly outcome: string; readonly took: number }

const places = JSON.parse(process.argv[2] ?? "") as Places; // What the parent wrote.
const protocol = framed();
const ear = new AbortController();
const { signal } = ear;

type Made = Link<Frame, Frame>;
const make = (endpoints: LinkOptions<Frame, Frame>["endpoints"], options: Partial<LinkOptions<Frame, Frame>> = {}): Made =>
  new Link<Frame, Frame>({ endpoints, transports: [tcp(), websocket()], protocol, heartbeat: "lan", backoff: constant(60_000), logger: false, drainTimeout: 200, ...options });

/** Whatever the user waits for may fail when the link closes: that is not ours to keep. */
const ignore = (promise: Promise<unknown>): void => { promise.catch(() => { /* Closed. */ }); };
const happens = (link: Made, event: "waiting" | "connected"): Promise<unknown> => new Promise((resolve) => { link.once(event, resolve as never); });
const soon = (ms = 30): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
const never: EndpointSource = { list: () => new Promise<never>(() => { /* An answer that does not come. */ }) };

async function stuck(uri: string): Promise<Made> {
  const link = make(uri);
  ignore(link.open({ signal }));
  await soon(); // The connection stands, and the greeting is awaited.
  return link;
}

async function connected(uri: EndpointEntry, options?: Partial<LinkOptions<Frame, Frame>>): Promise<Made> {
  const link = make([uri], options);
  await link.open({ signal });
  return link;
}

/** Full buffers, and somebody who waits for room. */
async function writing(uri: EndpointEntry): Promise<Made> {
  const link = await connected(uri, { outbox: { maxMessages: 2 } });
  const block = new Uint8Array(500_000);
  for (let sent = 0; sent < 100 && link.send(block); sent += 1) await soon(1);
  for (let more = 0; more < 2; more += 1) try { link.send(block); } catch { /* The outbox is full, as it should be. */ }
  ignore(link.write(block, { signal, timeout: 60_000 }));
  return link;
}

async function iterating(uri: EndpointEntry): Promise<Made> {
  const link = await connected(uri);
  ignore((async () => { for await (const message of link) if (message === "the end") break; })());
  return link;
}

const { good, deaf, mute, shut } = places;
const scenes: Readonly<Record<string, () => Promise<Made>>> = {
  "never opened": async () => make("tcp://127.0.0.1:1"),
  "resolving": async () => { const link = make(never); ignore(link.open({ signal })); return link; },
  "waiting for a list that fails": async () => { const link = make({ list: () => { throw new Error("no list"); } }); ignore(link.open({ signal })); await soon(); return link; },
  "dialling tcp": async () => { const link = make([good.tcp]); ignore(link.open({ signal })); return link; },
  "dialling tls": async () => { const link = make([good.tls]); ignore(link.open({ signal })); return link; },
  "dialling ws": async () => { const link = make([good.ws]); ignore(link.open({ signal })); return link; },
  "dialling wss": async () => { const link = make([good.wss]); ignore(link.open({ signal })); return link; },
  "looking up a name": async () => { const link = make(`tcp://localhost:${mute}`); ignore(link.open({ signal })); return link; },
  "in a tls handshake": () => stuck(`tls://127.0.0.1:${mute}`),
  "in a wss handshake": () => stuck(`wss://127.0.0.1:${mute}`),
  "in a ws upgrade": () => stuck(`ws://127.0.0.1:${mute}`),
  "greeting": () => stuck(`tcp://127.0.0.1:${mute}`),
  "connected over tcp": () => connected(good.tcp),
  "connected over tls": () => connected(good.tls),
  "connected over ws": () => connected(good.ws),
  "connected over wss": () => connected(good.wss),
  "connected in plain text over ws": () => connected(good.ws, { protocol: text() as unknown as Protocol<Frame, Frame> }), // Nothing is sent.
  "in a listener of connected": async () => { const link = make([good.tcp]); ignore(link.open({ signal })); await happens(link, "connected"); return link; },
  "backing off": async () => { const link = make(`tcp://127.0.0.1:${shut}`); ignore(link.open({ signal })); await happens(link, "waiting"); return link; },
  "draining": async () => { const link = await connected(deaf.tcp); ignore(link.close()); return link; },
  "with writes pending over tcp": () => writing(deaf.tcp),
  "with writes pending over ws": () => writing(deaf.ws),
  "with an iterator waiting": () => iterating(good.tcp),
};

const resources = (): readonly string[] => process.getActiveResourcesInfo().toSorted();

/** What is there now and was not before. */
function more(before: readonly string[]): readonly string[] {
  const rest = [...before];
  return resources().filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** Sockets need a few turns to go; nothing here may need longer than it takes a name to be looked up. */
async function settled(before: readonly string[]): Promise<readonly string[]> {
  for (let turn = 0; turn < 2_000 && more(before).length > 0; turn += 1) await new Promise((resolve) => { setImmediate(resolve); });
  return more(before);
}

const listeners = (): number => getEventListeners(signal, "abort").length + process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);

/** Too long for anything here; a scene that hangs is reported and not waited for. */
const patience = 1_500;

async function play(begin: () => Promise<Made>, how: "close" | "abort"): Promise<Pick<Leftovers, "left" | "outcome">> {
  const before = resources();
  const heard = listeners();
  const link = await begin();
  if (how === "close") await link.close();
  else link.abort();
  const { cause } = await link.closed;
  const left = [...await settled(before)];
  if (listeners() > heard) left.push(`${listeners() - heard} listeners`);
  if (link.snapshot().slots.length > 0) left.push("slots");
  return { left, outcome: cause };
}

function inTime<Value>(work: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => { reject(new Error("it hangs")); }, patience).unref(); // Not one of those that are counted.
  return Promise.race([work, promise]).finally(() => { clearTimeout(timer); });
}

const reports: Leftovers[] = [];
const only = process.argv[3];
for (const [scene, begin] of Object.entries(scenes)) {
  if (only !== undefined && scene !== only) continue;
  for (const how of ["close", "abort"] as const) {
    const startedAt = performance.now();
    const result = await inTime(play(begin, how)).catch((error: unknown) => ({ left: [String(error)], outcome: "none" }));
    reports.push({ scene, how, ...result, took: performance.now() - startedAt });
  }
}
tell({ reports });
