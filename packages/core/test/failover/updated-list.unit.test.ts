import { SimClock } from "@holdfast/testkit";
import { afterEach, describe, expect, it, vi } from "vitest";
import { updatedList, type UpdatedListOptions } from "../../src/failover/updated-list.ts";
import type { ReadText } from "../../src/failover/fetch-list.ts";
import type { LogRecord } from "../../src/link/logger.ts";
import type { Advice, EndpointEntry } from "../../src/ports/endpoint.ts";
import { fake, FakeTransport } from "../link/fake-transport.ts";

interface Bench {
  /** What the file says from now on; an error: it cannot be read. */
  readonly says: (text: string | Error) => void;
  readonly reads: () => number;
  readonly ask: (signal?: AbortSignal) => Promise<readonly EndpointEntry[]>;
  readonly told: LogRecord[];
  readonly clock: SimClock;
}

function bench(more: Partial<UpdatedListOptions> = {}): Bench {
  let content: string | Error = "";
  let reads = 0;
  const told: LogRecord[] = [];
  const clock = new SimClock({ start: 0 });
  const source = updatedList({
    endpoints: "fake://a:1,fake://b:1", transports: [new FakeTransport()], accept: { hosts: ["c", "d", "a"] }, url: "file:/list", shuffle: false, clock, logger: (record) => { told.push(record); },
    readText: () => { reads += 1; return content instanceof Error ? Promise.reject(content) : Promise.resolve(content); }, ...more,
  });
  return { says: (text) => { content = text; }, reads: () => reads, told, clock, ask: async (signal = new AbortController().signal) => source.list({ signal }) };
}

describe("a list that stands in a file", () => {
  it("is added before the members in code, and the same one twice counts once", async () => {
    const { says, ask } = bench();
    says("fake://c:1, fake://d:1\r\n\nfake://a:1\n");
    expect(await ask()).toEqual(["fake://c:1", "fake://d:1", "fake://a:1", "fake://b:1"]);
  });

  it("replaces what it said before, and never the members in code", async () => {
    const { says, ask, clock } = bench();
    says("fake://c:1");
    await ask();
    clock.advance(1_000);
    says("fake://d:1");
    expect(await ask()).toEqual(["fake://d:1", "fake://a:1", "fake://b:1"]);
  });

  it("is read before each lap: after as many dials as it has members, and after a pause", async () => {
    const { says, ask, reads, clock } = bench();
    says("fake://c:1");
    for (let dial = 0; dial < 3; dial += 1) await ask();
    expect(reads()).toBe(1);
    await ask();
    expect(reads()).toBe(2);
    clock.advance(999);
    await ask();
    expect(reads()).toBe(2);
    clock.advance(1);
    await ask();
    expect(reads()).toBe(3);
  });

  it("keeps what it said last while it cannot be read, is empty, or has nothing that is accepted; and tells", async () => {
    const { says, ask, told, clock } = bench();
    says("fake://c:1");
    const good = await ask();
    for (const bad of [Object.assign(new Error("open '/secret'"), { code: "ENOENT" }), "", " ,\n", "fake://evil:1", "nonsense", "file:/etc/passwd"]) {
      clock.advance(1_000);
      says(bad);
      expect(await ask()).toEqual(good);
    }
    expect(told.map(({ event }) => event)).toEqual(["listUnread", "endpointsIgnored", "endpointsIgnored", "endpointsIgnored"]);
    expect(told[0]).toMatchObject({ level: "warn", message: "the list of endpoints at file:/list could not be read (ENOENT): the last one counts, and it is read again before the next lap" });
    expect(JSON.stringify(told)).not.toMatch(/secret|evil|passwd/);
  });

  it("begins with the members in code where it cannot be read at all", async () => {
    const { says, ask } = bench();
    says(new Error("down"));
    expect(await ask()).toEqual(["fake://a:1", "fake://b:1"]);
  });

  it("is not spoilt by members that nobody can dial", async () => {
    const { says, ask, told } = bench();
    says("other://c:1,fake://c:99999,fake://c:1,fake://evil:1");
    expect(await ask()).toEqual(["fake://c:1", "fake://a:1", "fake://b:1"]);
    expect(told.map(({ message }) => message)).toEqual([expect.stringMatching(/^3 of 4 endpoints that file:\/list names may not be dialled, and are not: `accept` decides/)]);
  });

  it("gives no more than `max` of a hundred thousand", async () => {
    const { says, ask, told } = bench({ accept: { hosts: ["*"], privateRanges: true, max: 3 } });
    says(Array.from({ length: 100_000 }, (_, index) => `fake://h${index}:1`).join());
    expect(await ask()).toHaveLength(5);
    expect(told[0]?.message).toMatch(/^99997 of 100000/);
  });

  it("may be slow for `timeout`, also with a reader that heeds no signal; then the last one counts", async () => {
    const { ask, clock, told } = bench({ readText: () => new Promise(() => { /* Never. */ }), timeout: 300 });
    const asked = ask();
    await clock.advanceAsync(299);
    expect(told).toEqual([]);
    await clock.advanceAsync(1);
    expect(await asked).toEqual(["fake://a:1", "fake://b:1"]);
    expect(told[0]?.message).toMatch(/could not be read \(it took longer than 300 ms\)/);
    expect(clock.pending).toBe(0);
  });

  it("is given up with the dial it is read for", async () => {
    const reader = vi.fn<ReadText>((_: string, { signal }: { readonly signal: AbortSignal }) => new Promise<string>((_resolve, reject) => { signal.addEventListener("abort", () => { reject(new Error("stopped")); }); }));
    const { ask, clock } = bench({ readText: reader });
    const dial = new AbortController();
    const asked = ask(dial.signal);
    dial.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
    expect(reader.mock.calls[0]?.[1].signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("is shuffled with all others, once per change", async () => {
    const { says, ask, clock } = bench({ shuffle: true, random: () => 0 });
    says("fake://c:1");
    const first = await ask();
    expect(first).toEqual(["fake://a:1", "fake://b:1", "fake://c:1"]);
    clock.advance(5_000);
    expect(await ask()).toBe(first);
  });

  it("is refused where nobody can read it, without its secrets", () => {
    expect(() => updatedList({ endpoints: "fake://a:1", transports: [new FakeTransport()], accept: {}, url: "file:/list?s3cret" })).toThrow(/^url must be an http: or https: URL here: files are read by connect\(\) on Node/);
    expect(() => bench({ url: "https://user:s3cret@x/list" })).toThrow(/^url must be without a name and a password/);
    expect(() => bench({ url: "https://user:s3cret@x/list" })).not.toThrow(/s3cret/);
    expect(() => bench({ endpoints: "other://a" })).toThrow(/no transport for other/);
  });

  it("is refused where there is nothing to add to", () => {
    expect(() => updatedList({ endpoints: [], transports: [new FakeTransport()], accept: {} })).toThrow(/^endpoints must be at least one endpoint/);
  });

  describe("where nobody logs", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => { /* Counted. */ });
    afterEach(() => { warn.mockClear(); });

    it("is complained of on the console, once of each kind", async () => {
      const { says, ask, clock } = bench({ logger: undefined as never });
      for (const text of [new Error("x"), new Error("y"), "fake://evil:1", "fake://evil:2"]) {
        says(text);
        await ask();
        clock.advance(1_000);
      }
      expect(warn.mock.calls.map(([words]) => String(words).slice(0, 39))).toEqual(["holdfast: the list of endpoints at file", "holdfast: 1 of 1 endpoints that file:/l"]);
    });

    it("is not where logger is false, and a logger that throws breaks nothing", async () => {
      for (const logger of [false, () => { throw new Error("full"); }] as const) {
        const { says, ask } = bench({ logger });
        says(new Error("x"));
        expect(await ask()).toHaveLength(2);
      }
      expect(warn).not.toHaveBeenCalled();
    });
  });
});

describe("a list that peers name", () => {
  const from = fake("a:1");
  interface Peers extends Bench { readonly named: (...to: readonly string[]) => Advice | undefined }
  function peers(more: Partial<UpdatedListOptions> = {}): Peers {
    const told: LogRecord[] = [];
    const source = updatedList({ endpoints: "fake://a:1,fake://b:1", transports: [new FakeTransport()], accept: { hosts: ["a", "c", "d"] }, shuffle: false, logger: (record) => { told.push(record); }, ...more });
    return { ...bench(), told, ask: async () => source.list({ signal: new AbortController().signal }), named: (...to) => source.named?.({ to, from }) };
  }

  it("comes before the members in code, and its first one is where to go", async () => {
    const { named, ask } = peers();
    expect(named("fake://c:1", "fake://d:1")).toEqual({ next: "fake://c:1" });
    expect(await ask()).toEqual(["fake://c:1", "fake://d:1", "fake://a:1", "fake://b:1"]);
    expect(named("fake://d:1")).toEqual({ next: "fake://d:1" });
    expect(await ask()).toEqual(["fake://d:1", "fake://a:1", "fake://b:1"]);
  });

  it("stands before what a file says", async () => {
    const { named, ask } = peers({ url: "file:/x", readText: () => Promise.resolve("fake://d:1") });
    named("fake://c:1");
    expect(await ask()).toEqual(["fake://c:1", "fake://d:1", "fake://a:1", "fake://b:1"]);
  });

  it("is passed over as far as it is not accepted, and told", async () => {
    const { named, ask, told } = peers();
    expect(named("fake://169.254.169.254:80", "file:/etc/passwd", "other://c:1", "\u{fffd}", "", "fake://c:1")).toEqual({ next: "fake://c:1" });
    expect(named("fake://evil:1")).toBeUndefined();
    expect(await ask()).toEqual(["fake://c:1", "fake://a:1", "fake://b:1"]);
    expect(told.map(({ message }) => message)).toEqual([expect.stringMatching(/^4 of 5 endpoints that fake:\/\/a:1 names/), expect.stringMatching(/^1 of 1/)]);
  });

  it("is bounded, however many there are", async () => {
    const { named, ask } = peers({ accept: { hosts: ["*"], privateRanges: true } });
    named(...Array.from({ length: 100_000 }, (_, index) => `fake://h${index}:1`));
    expect(await ask()).toHaveLength(18);
  });

  it("is not where we are already", () => {
    expect(peers().named("fake://a:1", "fake://c:1")).toEqual({ next: "fake://c:1" });
    expect(peers().named("fake://a:1")).toBeUndefined();
  });

  it("keeps us where we are, without `rebalances`, if we are in it", async () => {
    const { named, ask } = peers({ rebalances: false });
    expect(named("fake://c:1", "fake://a:1")).toEqual({ stay: true });
    expect(await ask()).toEqual(["fake://c:1", "fake://a:1", "fake://b:1"]);
    expect(named("fake://c:1")).toEqual({ next: "fake://c:1" });
  });

  it("changes only the list without `reconnects`, and without `updates` only where to go", async () => {
    const one = peers({ reconnects: false });
    expect([one.named("fake://c:1", "fake://d:1"), await one.ask()]).toEqual([undefined, ["fake://c:1", "fake://d:1", "fake://a:1", "fake://b:1"]]);
    const other = peers({ updates: false });
    expect([other.named("fake://c:1", "fake://d:1"), await other.ask()]).toEqual([{ next: "fake://c:1" }, ["fake://c:1", "fake://a:1", "fake://b:1"]]);
    const neither = peers({ updates: false, reconnects: false });
    expect([neither.named("fake://c:1"), await neither.ask()]).toEqual([undefined, ["fake://a:1", "fake://b:1"]]);
  });
});
