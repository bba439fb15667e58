// The far side of black-holed connections, in a process of its own: the proxies, the servers that links watch, and the links that
// servers watch. It has no heartbeats: whatever is noticed, the watcher has noticed.
import { Link } from "@holdfast/core";
import { Server, type Peer } from "@holdfast/server";
import { faultProxy, type Directions, type FaultProxy } from "@holdfast/testkit/proxy";
import { tell } from "../child.ts";
import { LoopLateness } from "../lateness.ts";
import { monotonic } from "../monotonic.ts";
import { kinds, pace, protocolOf, transportOf, uriOf, type Case, type Kind, type Side } from "./case.ts";

export interface Orders {
  readonly cases: readonly Case[];
  /** Where the servers listen that are watchers. */
  readonly servers: Readonly<Record<Kind, number>>;
  /** The black holes open at random moments of this span. */
  readonly spread: number;
}
export interface Ready { readonly ports: readonly number[] }
/** When each connection went dark, and how late our own loop was until then, at worst and in sum: so late were answers to the watcher's pings. */
export interface Holes { readonly holes: readonly number[]; readonly lateness: number; readonly latenessInAll: number }

const { cases, servers, spread } = JSON.parse(process.argv[2] ?? "") as Orders; // What the parent wrote.

/** From client to server is outward. */
const ways: Readonly<Record<Side, Readonly<Record<Case["fault"], Directions>>>> = {
  link: { both: "both", mute: "outward", deaf: "inward" },
  peer: { both: "both", mute: "inward", deaf: "outward" },
};

const voices: (() => void)[] = [];
setInterval(() => { for (const voice of voices) voice(); }, pace);

/** Whoever the watcher should go on hearing says something now and then. */
function speak(at: number, who: Pick<Peer<string, string>, "send">): void {
  if (cases[at]?.fault === "mute") voices.push(() => { who.send("data"); });
}

async function serve(kind: Kind): Promise<number> {
  const server = new Server<string, string>({ protocol: protocolOf(kind), heartbeat: false });
  server.on("peer", ({ peer }) => {
    peer.once("message", (name) => { speak(Number(name), peer); });
    peer.on("message", () => { /* Heard. */ });
  });
  return (await server.listen(transportOf(kind), uriOf(kind, 0))).endpoint.port;
}

/** A client that a server watches. It says first which case it is. */
async function join(at: number, kind: Kind, proxy: FaultProxy): Promise<void> {
  const link = new Link<string, string>({ endpoints: uriOf(kind, proxy.port), transports: [transportOf(kind)], protocol: protocolOf(kind), heartbeat: false, backoff: { delay: () => 600_000 }, logger: false });
  link.on("message", () => { /* Heard. */ });
  await link.open();
  link.send(String(at));
  speak(at, link);
}

const here = Object.fromEntries(await Promise.all(kinds.map(async (kind) => [kind, await serve(kind)] as const))) as Record<Kind, number>; // One for each kind.
const proxies: FaultProxy[] = [];
for (const [at, { kind, side }] of cases.entries()) {
  const proxy = await faultProxy({ target: { host: "127.0.0.1", port: (side === "link" ? here : servers)[kind] } });
  proxies.push(proxy);
  if (side === "peer") await join(at, kind, proxy);
}
tell({ ports: proxies.map(({ port }) => port) } satisfies Ready);

process.once("message", () => {
  const holes: number[] = [];
  const loop = new LoopLateness();
  let open = cases.length;
  for (const [at, { side, fault }] of cases.entries()) {
    setTimeout(() => {
      holes[at] = monotonic();
      proxies[at]?.blackHole(ways[side][fault]);
      open -= 1;
      if (open === 0) tell({ holes, lateness: loop.stop(), latenessInAll: loop.total } satisfies Holes);
    }, Math.random() * spread);
  }
});
