import { framed, parseEndpoint, type Frame } from "@holdfast/core";
import { memoryNetwork, seededRandom, SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Server, type DuplicatePolicy, type Peer, type ServerOptions } from "../src/index.ts";
import { mime, where, type Mime } from "./scene.ts";

/** A client and what it may do. */
interface Actor { readonly mime: Mime; readonly deeds: readonly (() => void)[]; readonly abort: () => void }

/** What must hold after every step, whatever happened. */
class Witness {
  readonly #server: Server<Frame, Frame>;
  readonly #live = new Map<string | number, Peer<Frame, Frame>>();
  readonly #buried = new Set<Peer<Frame, Frame>>();
  readonly faults: string[] = [];
  came = 0;
  refused = 0;

  constructor(server: Server<Frame, Frame>) {
    this.#server = server;
    server.on("peer", ({ peer }) => { this.#arrives(peer); });
    server.on("peerGone", ({ peer }) => { this.#leaves(peer); });
    server.on("refused", () => { this.refused += 1; });
  }

  check(): void {
    const listed = [...this.#server.peers.keys()].map(String).toSorted().join();
    const lived = [...this.#live.keys()].map(String).toSorted().join();
    if (listed !== lived) this.faults.push(`the server lists ${listed}, but ${lived} are here`);
  }

  get left(): number {
    return this.#buried.size;
  }

  #arrives(peer: Peer<Frame, Frame>): void {
    this.came += 1;
    if (this.#live.has(peer.id)) this.faults.push(`two live peers are ${peer.id}`);
    this.#live.set(peer.id, peer);
    let last = -1;
    for (const name of ["missed", "suspected", "drained", "dropped"] as const) peer.on(name, () => { this.#hears(peer, name); });
    peer.on("gone", () => {
      this.#hears(peer, "gone");
      this.#buried.add(peer);
    });
    peer.on("message", (message) => {
      this.#hears(peer, "message");
      const number = Number(String(message).split(" ")[1]);
      if (number !== last + 1) this.faults.push(`${peer.id} said ${number} after ${last}`);
      last = number;
    });
  }

  #leaves(peer: Peer<Frame, Frame>): void {
    if (!this.#buried.has(peer)) this.faults.push(`${peer.id} left the server before it was gone`);
    if (this.#live.get(peer.id) !== peer) this.faults.push(`${peer.id} left and was not here`);
    this.#live.delete(peer.id);
  }

  #hears(peer: Peer<Frame, Frame>, name: string): void {
    if (this.#buried.has(peer)) this.faults.push(`${peer.id} told ${name} after its end`);
  }
}

/** One random life of a server. Returns what went wrong. */
async function live(seed: number): Promise<{ readonly faults: readonly string[]; readonly came: number; readonly refused: number }> {
  const random = seededRandom(seed);
  const chance = (probability: number): boolean => random() < probability;
  const oneOf = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T; // Never asked with none.
  const clock = new SimClock({ settle: 20 });
  const network = memoryNetwork({ clock, latency: () => 1 + random() * 20, highWater: 2_000 });
  const identify: ServerOptions<Frame, Frame>["identify"] = (message) => {
    const [name = ""] = String(message).split(" ");
    if (name === "bad") throw new Error("who?");
    return chance(0.3) ? new Promise((resolve) => { clock.alarm(clock.now() + 30, () => { resolve(name); }); }) : name;
  };
  const server = new Server<Frame, Frame>({
    protocol: framed(), clock, random, heartbeat: { interval: 300, timeout: 200, maxMisses: 2, suspectMargin: 50 },
    duplicate: oneOf<DuplicatePolicy>(["replaceDead", "replaceDead", "replace", "refuse"]), ...(chance(0.8) && { identify }),
    limits: { maxPeers: 6, maxPeersPerAddress: 4, greetingTimeout: 400, stalledAfter: 600, maxUnread: 4, maxRemembered: 2, drainTimeout: 300 },
    outbox: { maxMessages: 3, overflow: oneOf(["reject", "dropOldest", "dropNewest"] as const) },
  });
  const witness = new Witness(server);
  await server.listen(network.join(), where);
  const actors: Actor[] = [];
  const arrive = async (): Promise<void> => {
    const dialled = network.join({ name: oneOf(["a", "b"]) }).dial(parseEndpoint(where), { signal: new AbortController().signal });
    await clock.advanceAsync(60);
    const channel = await dialled;
    const one = mime(channel, { greets: chance(0.9) });
    const name = oneOf(["alice", "bob", "carol", "bad"]);
    let number = 0;
    const say = (): void => { one.say(`${name} ${number++}`); };
    const abort = (): void => { channel.abort(new Error("gone")); };
    actors.push({ mime: one, abort, deeds: [say, say, say, abort, () => { channel.send(Uint8Array.of(99)); }, () => { channel.pause?.(); }, () => { channel.resume?.(); }, () => { one.silent = chance(0.7); }] });
    say();
  };
  const deeds: readonly (() => unknown)[] = [
    arrive, arrive,
    ...Array.from({ length: 6 }, () => () => { if (actors.length > 0) oneOf(oneOf(actors).deeds)(); }),
    () => server.broadcast("x".repeat(Math.floor(random() * 1_500))),
    () => { const peers = [...server.peers.values()]; if (peers.length > 0) void oneOf(peers).close(); },
    () => { const peers = [...server.peers.values()]; if (peers.length > 0) oneOf(peers).abort(); },
  ];
  for (let step = 0; step < 40; step += 1) {
    await oneOf(deeds)();
    await clock.advanceAsync(random() * 200);
    witness.check();
  }
  const drained = chance(0.5) ? server.drain({ within: 500 }) : undefined;
  await clock.advanceAsync(random() * 300);
  const closed = server.close({ within: chance(0.2) ? 0 : 400 });
  let ended = false;
  void Promise.all([drained, closed]).then(() => { ended = true; });
  await clock.advanceAsync(1_500);
  if (!ended) witness.faults.push("it does not close");
  witness.check();
  for (const { abort } of actors) abort();
  await clock.advanceAsync(100);
  if (clock.pending > 0) witness.faults.push(`${clock.pending} timers are left`);
  if (network.open > 0) witness.faults.push(`${network.open} connections are left`);
  if (witness.left !== witness.came) witness.faults.push(`${witness.came} came and ${witness.left} left`);
  return witness;
}

describe("whatever clients and users do in random order", () => {
  it("every peer comes once and goes once, no two have one identity, and nothing is left", async () => {
    const broken: string[] = [];
    let came = 0;
    let refused = 0;
    for (let seed = 1; seed <= 500; seed += 1) {
      const outcome = await live(seed);
      came += outcome.came;
      refused += outcome.refused;
      if (outcome.faults.length > 0) broken.push(`seed ${seed}: ${outcome.faults[0]}`);
    }
    expect(broken).toEqual([]);
    expect([came, refused].every((count) => count > 500)).toBe(true);
  });
});
