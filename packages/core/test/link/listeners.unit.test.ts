import { afterEach, describe, expect, it, vi } from "vitest";
import type { Link } from "../../src/link/link.ts";
import { LinkError } from "../../src/errors/link-error.ts";
import { json } from "../../src/protocol/json.ts";
import { eventNames, rig, type EventName, type Rig } from "./rig.ts";

const lively = { protocol: json<string, string>({ ping: "ping", pong: (message) => message === "pong" }), heartbeat: "lan" } as const;

/** A life in which every event is told at least once. */
async function live({ link, transport, clock, settle }: Rig<string, string>): Promise<void> {
  link.open().catch(() => { /* It may be closed by the listener under test. */ });
  transport.last.refuse(); // connecting, failed
  await settle();
  link.retryNow();
  transport.last.accept(); // connected
  await settle();
  const channel = transport.open[0];
  channel?.deliver('"hello"');
  if (channel) channel.room = 1;
  if (link.phase === "connected") for (const message of ["1", "2", "3"]) link.send(message); // dropped
  channel?.drain(); // drained
  if (link.phase === "connected") {
    link.migrate().catch(() => { /* The same. */ });
    transport.last.accept();
    await settle();
    channel?.deliver('"pong"'); // migrated
    channel?.end();
  }
  await clock.advanceAsync(2_500); // suspected, missed
  await clock.advanceAsync(2_500); // disconnected, connecting
  for (let count = 0; count < 2; count += 1) {
    transport.last.refuse();
    await settle();
  }
  await clock.advanceAsync(2_000); // waiting
  link.abort(); // closed
  await clock.advanceAsync(20_000);
}
const options = { ...lively, outbox: { maxMessages: 1, overflow: "dropOldest" } } as const;
// `draining` takes a protocol with a word for it (see below), `prepared` a reserve.
const told = eventNames.filter((name) => name !== "draining" && name !== "prepared");

describe("a listener", () => {
  it("hears every event in the life that these tests play", async () => {
    const made = rig<string, string>(options);
    await live(made);
    const heard = new Set(made.told.map((words) => words.split(" ")[0]));
    expect(heard).toEqual(new Set<string | undefined>(told));
  });

  describe.each<[string, (link: Link<string, string>) => void]>([
    ["closes", (link) => { void link.close(); }],
    ["aborts", (link) => { link.abort(); }],
  ])("that %s the link", (_, end) => {
    it.each([...told, "message"] as const)("at `%s` sees no further dial, and one `closed`", async (name) => {
      const made = rig<string, string>(options);
      const { link, transport, clock } = made;
      let dials = -1;
      link.on(name as EventName, () => {
        end(link);
        if (dials < 0) dials = transport.dials.length;
      });
      await live(made);
      expect(dials).toBeGreaterThanOrEqual(0);
      // The dial of the current step was ordered before the listener spoke; it is given up at once.
      const later = transport.dials.slice(dials);
      expect(later.map(({ signal }) => signal.aborted)).toEqual(later.length === 0 ? [] : [true]);
      expect(transport.open).toEqual([]);
      expect(made.told.filter((words) => words.startsWith("closed"))).toHaveLength(1);
      expect(made.told.at(-1)).toMatch(/^closed/);
      expect(clock.pending).toBe(0);
      await expect(link.closed).resolves.toMatchObject({ cause: "requested" });
    });
  });

  describe("that throws", () => {
    afterEach(() => { vi.unstubAllGlobals(); });

    it.each([...told, "message"] as const)("at `%s` breaks nothing, and its error surfaces", async (name) => {
      const surfaced: (() => void)[] = [];
      vi.stubGlobal("queueMicrotask", (run: () => void) => { surfaced.push(run); });
      const calm = rig<string, string>(options);
      await live(calm);
      const made = rig<string, string>(options);
      made.link.on(name as EventName, () => { throw new Error(`thrown at ${name}`); });
      await live(made);
      expect(made.told).toEqual(calm.told);
      expect(surfaced.length).toBeGreaterThan(0);
      for (const run of surfaced) expect(run).toThrow(`thrown at ${name}`);
    });

    it("at `connected` before others does not keep open() waiting", async () => {
      vi.stubGlobal("queueMicrotask", () => { /* Seen in the tests above. */ });
      const { link, accept } = rig();
      link.removeAllListeners().on("connected", () => { throw new Error("first"); });
      const opened = link.open();
      await accept();
      await expect(opened).resolves.toBeUndefined();
    });
  });

  it("that closes inside `connected` lets what waits go out, with a goodbye", async () => {
    const { link, accept, told: words } = rig();
    link.send("waited");
    link.on("connected", () => { void link.close(); });
    void link.open();
    const channel = await accept();
    expect(channel.sent).toEqual(["waited"]);
    expect(channel.state).toBe("closing");
    channel.end();
    expect(words.at(-1)).toBe("closed requested");
  });

  it("that awaits close() inside an event waits until every channel is gone", async () => {
    const { link, accept, settle } = rig();
    const order: string[] = [];
    link.on("connected", () => { void link.close().then(() => order.push("closed")); });
    void link.open();
    const channel = await accept();
    await settle();
    order.push("channel ends");
    channel.end();
    await settle();
    expect(order).toEqual(["channel ends", "closed"]);
  });

  it("that asks for a retry inside `waiting` dials after the current step, once", async () => {
    const { link, transport, settle, told: words } = rig({ endpoints: "fake://a" });
    link.once("waiting", () => { link.retryNow(); });
    void link.open();
    transport.last.refuse(new LinkError("HF_RESET", "no"));
    await settle();
    expect(words).toEqual(["connecting a attempt 1", "failed a attempt 1 HF_RESET", "waiting attempt 1 delay 1000", "connecting a attempt 2"]);
    expect(transport.dials).toHaveLength(2);
    await link.close();
  });
});
