import { constant, systemClock, type Channel, type DialOptions, type Endpoint, type Frame, type Transport } from "@holdfast/core";
import { tcp } from "@holdfast/tcp";
import { websocket } from "@holdfast/websocket";
import { describe, expect, it, vi } from "vitest";
import { codes } from "../../src/frames/codes.ts";
import { decode } from "../../src/frames/decode.ts";
import type { SessionFrame } from "../../src/frames/frame.ts";
import { Session, type SessionOptions } from "../../src/index.ts";
import { Cluster } from "./cluster.ts";

const patience = { timeout: 15_000, interval: 5 };
const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => String(n));

function client(cluster: { readonly uris: readonly string[] }, transport: Transport, options: Partial<SessionOptions> = {}): Session {
  return new Session({ endpoints: cluster.uris, transports: [transport], backoff: constant(10, { jitter: "none" }), logger: false, ...options });
}

/** Says a number each 5 ms until it is stopped, which tells how many it said. */
class Ticker implements Disposable {
  #said = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(say: (message: string) => void) {
    this.#timer = setInterval(() => { say(String(this.#said++)); }, 5);
  }

  stop(): number {
    clearInterval(this.#timer);
    return this.#said;
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

describe.each([["TCP", () => tcp({})], ["WebSocket", () => websocket({})]] as const)("A session over %s", (_, make) => {
  it("loses, doubles and reorders nothing through 25 kills of its server, with a message each 5 ms both ways", async () => {
    const transport = make();
    await using cluster = await Cluster.start(transport, 2);
    const session = client(cluster, transport);
    const heard: unknown[] = [];
    session.on("message", (message) => { heard.push(message); });
    await session.open();
    const { id } = cluster.only;
    using ours = new Ticker((message) => { session.send(message); });
    const failures: unknown[] = [];
    using theirs = new Ticker((message) => { cluster.postman.send(id, message).catch((error: unknown) => { failures.push(error); }); });
    for (let kill = 0; kill < 25; kill += 1) {
      const { epoch } = session;
      await session.ready();
      await cluster.restart(cluster.labels.indexOf(session.snapshot().link.endpoint ?? ""));
      await vi.waitFor(() => { expect(session.epoch).toBeGreaterThan(epoch); }, patience);
    }
    const [said, answered] = [ours.stop(), theirs.stop()];
    await vi.waitFor(() => { expect([cluster.handled.length, heard.length]).toEqual([said, answered]); }, patience);
    expect(cluster.handled).toEqual(numbers(said));
    expect(heard).toEqual(numbers(answered));
    expect(failures).toEqual([]);
    expect(session.epoch).toBeGreaterThanOrEqual(26);
    await session.close();
    await vi.waitFor(async () => { expect(await cluster.store.find(id)).toMatchObject({ ok: "tombstone", why: "closed" }); }, patience);
  });

  it("moves under load without a gap, as often as it is told to", async () => {
    const transport = make();
    await using cluster = await Cluster.start(transport, 3);
    const session = client(cluster, transport);
    const heard: unknown[] = [];
    const lost: unknown[] = [];
    session.on("message", (message) => { heard.push(message); });
    session.on("detached", (event) => { lost.push(event); });
    session.on("lost", (event) => { lost.push(event); });
    session.on("moved", (event) => { lost.push(event); });
    await session.open();
    const { id } = cluster.only;
    using ours = new Ticker((message) => { session.send(message); });
    using theirs = new Ticker((message) => { void cluster.postman.send(id, message); });
    for (let move = 0; move < 12; move += 1) { // A keeper takes five attaches of a session at once, then one a second.
      const { length } = cluster.handled;
      await session.migrate();
      await vi.waitFor(() => { expect(cluster.handled.length).toBeGreaterThan(length + 3); }, patience);
    }
    const [said, answered] = [ours.stop(), theirs.stop()];
    await vi.waitFor(() => { expect([cluster.handled.length, heard.length]).toEqual([said, answered]); }, patience);
    expect(cluster.handled).toEqual(numbers(said));
    expect(heard).toEqual(numbers(answered));
    expect([lost, session.epoch]).toEqual([[], 13]);
    await session.close();
  });

  it("says on both channels what it says before a move is answered, and has it handled once", async () => {
    const transport = make();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    await using cluster = await Cluster.start(transport, 2, {
      authorize: (_, about) => {
        if (about.for === "open") return "";
        asked.resolve();
        return answer.promise;
      },
    });
    await using session = client(cluster, transport);
    await session.open();
    for (const n of numbers(30)) session.send(n);
    const moved = session.migrate();
    await asked.promise;
    for (const n of numbers(60).slice(30)) session.send(n);
    await vi.waitFor(() => { expect(cluster.handled).toEqual(numbers(60)); }, patience); // By the old keeper, which owns the session still.
    answer.resolve("");
    await moved;
    for (const n of numbers(90).slice(60)) session.send(n);
    await vi.waitFor(() => { expect(cluster.handled.length).toBeGreaterThan(89); }, patience);
    expect(cluster.handled).toEqual(numbers(90));
    expect(session.epoch).toBe(2);
  });

  it("carries long messages in fragments, both ways", async () => {
    const transport = make();
    await using cluster = await Cluster.start(transport, 1);
    await using session = client(cluster, transport);
    const heard: unknown[] = [];
    session.on("message", (message) => { heard.push(message); });
    await session.open();
    const long = "é".repeat(200_000);
    session.send(long);
    await cluster.postman.send(cluster.only.id, new Uint8Array(300_000).fill(7));
    await vi.waitFor(() => { expect([cluster.handled, heard]).toEqual([[long], [new Uint8Array(300_000).fill(7)]]); }, patience);
  });
});

describe("A session over TCP", () => {
  it("is suspended in one process and goes on exactly there in another", async () => {
    const transport = tcp({});
    await using cluster = await Cluster.start(transport, 2);
    const first = client(cluster, transport);
    const heard: unknown[] = [];
    first.on("message", (message) => { heard.push(message); });
    await first.open();
    for (const n of numbers(50)) first.send(n);
    const ticket = await first.suspend();
    for (const n of numbers(5)) await cluster.postman.send(cluster.only.id, n);
    const second = client(cluster, transport, { ticket: JSON.parse(JSON.stringify(ticket)) as NonNullable<typeof ticket> });
    second.on("message", (message) => { heard.push(message); });
    const attached = new Promise((resolve) => { second.on("attached", resolve); });
    await second.open();
    expect(await attached).toMatchObject({ continuity: "full", epoch: 2 });
    second.send("50");
    await vi.waitFor(() => { expect([cluster.handled.length, heard.length]).toEqual([51, 5]); }, patience);
    expect([cluster.handled, heard]).toEqual([numbers(51), numbers(5)]);
    expect(second.label).toBe(first.label);
    await second.close();
  });

  it("has one owner: who attached before is told once, and stops; and who takes it back attaches once", async () => {
    const transport = tcp({});
    await using cluster = await Cluster.start(transport, 2, { limits: { timeoutMin: 1_000, heartbeat: 100 } });
    const story: string[] = [];
    const watch = (name: string, session: Session): void => {
      for (const event of ["attached", "moved"] as const) session.on(event, () => { story.push(`${name} ${event}`); });
    };
    const older = client(cluster, transport, { timeout: 1_200 });
    watch("older", older);
    await older.open();
    const ticket = older.ticket();
    const newer = client(cluster, transport, { ...(ticket && { ticket }) });
    watch("newer", newer);
    await newer.open();
    await vi.waitFor(() => { expect(story).toContain("older moved"); }, patience);
    await older.takeover();
    await vi.waitFor(() => { expect(story).toContain("newer moved"); }, patience);
    // Nobody fights: nothing happens in two timeouts.
    await new Promise<void>((resolve) => { systemClock.alarm(systemClock.now() + 500, resolve); });
    expect(story.filter((event) => event.startsWith("older"))).toEqual(["older attached", "older moved", "older attached"]);
    expect(story.filter((event) => event.startsWith("newer"))).toEqual(["newer attached", "newer moved"]);
    expect(older.epoch).toBe(3);
    await newer.close();
    await older.close();
  });

  it.each([{ when: "after", what: "changes nothing" }, { when: "before", what: "is known to be its own" }] as const)("whose ATTACH comes late, $when the next one, stays its owner: it $what", async ({ when }) => {
    const delays = new Delays(tcp({}));
    await using cluster = await Cluster.start(tcp({}), 2);
    const session = client(cluster, delays, { shuffle: false, dialTimeout: 500 });
    const story: string[] = [];
    for (const event of ["moved", "lost", "expired"] as const) session.on(event, () => { story.push(event); });
    await session.open();
    delays.holding = true;
    await expect(session.migrate()).rejects.toMatchObject({ code: "HF_NOT_MOVED" });
    delays.holding = false;
    if (when === "after") await session.migrate();
    const answer = await delays.release();
    expect(answer).toMatchObject(when === "after" ? { type: "refused", code: codes.staleAttach } : { type: "attached", epoch: 2 });
    await vi.waitFor(() => { expect(session.epoch).toBe(when === "after" ? 2 : 3); }, patience);
    session.send("still here");
    await vi.waitFor(() => { expect(cluster.handled).toEqual(["still here"]); }, patience);
    expect(story).toEqual([]);
    await session.close();
  });
});

/** A transport that can keep greetings to itself, and let one go later, on a channel that nobody listens to. */
class Delays implements Transport {
  readonly #inner: Transport;
  readonly schemes: readonly string[];
  readonly traits: Transport["traits"];
  #held: { readonly endpoint: Endpoint; readonly options: DialOptions; readonly frame: Frame } | undefined;
  holding = false;

  constructor(inner: Transport) {
    this.#inner = inner;
    this.schemes = inner.schemes;
    this.traits = inner.traits;
  }

  async dial(endpoint: Endpoint, options: DialOptions): Promise<Channel> {
    const channel = await this.#inner.dial(endpoint, options);
    if (!this.holding) return channel;
    return {
      remote: channel.remote, receive: (handler) => { channel.receive(handler); }, close: () => { channel.close(); }, abort: (error) => { channel.abort(error); },
      send: (frame) => {
        this.#held ??= { endpoint, options, frame };
        return true;
      },
    };
  }

  /** Sends what was held back, and tells what is answered. */
  async release(): Promise<SessionFrame | string> {
    if (this.#held === undefined) throw new Error("nothing was held back");
    const { endpoint, options, frame } = this.#held;
    const channel = await this.#inner.dial(endpoint, { ...options, signal: new AbortController().signal });
    const { promise, resolve } = Promise.withResolvers<SessionFrame | string>();
    channel.receive({ frame: (answer) => { resolve(decode(answer as Uint8Array)); }, drained: () => { /* Small. */ }, pong: () => { /* None. */ }, closed: () => { resolve("closed"); } });
    channel.send(frame);
    return promise;
  }
}
