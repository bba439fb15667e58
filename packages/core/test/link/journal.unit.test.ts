import { afterEach, describe, expect, it, vi } from "vitest";
import { ConnectError } from "../../src/errors/connect-error.ts";
import type { LogRecord } from "../../src/link/logger.ts";
import { connected, rig } from "./rig.ts";

/** One lap over a and b in which nobody answers. */
async function lap({ transport, settle }: ReturnType<typeof rig>): Promise<void> {
  for (const why of ["ECONNREFUSED", "ENOTFOUND"]) {
    transport.last.refuse(new ConnectError("HF_DIAL_FAILED", transport.last.endpoint.label, `could not dial ${transport.last.endpoint.label}: ${why}`));
    await settle();
  }
}
const nobody = (options: Parameters<typeof rig>[0]): ReturnType<typeof rig> => {
  const made = rig(options);
  made.link.removeAllListeners();
  return made;
};

describe("the one warning", () => {
  afterEach(() => { vi.restoreAllMocks(); });

  it("is given on the console when a whole lap failed and nobody listens: what, why, when next, and how to silence it", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => { /* Seen below. */ });
    const made = nobody({ logger: undefined as never });
    void made.link.open();
    await lap(made);
    expect(warn.mock.calls).toEqual([["holdfast: no endpoint answered (could not dial fake://a: ECONNREFUSED; could not dial fake://b: ENOTFOUND): trying again in 1000 ms, and so on until one does. Listen to 'waiting' to handle this yourself, or set logger: false for silence."]]);
    await made.clock.advanceAsync(1_000);
    await lap(made);
    expect(warn).toHaveBeenCalledTimes(1);
    await made.link.close();
  });

  it.each<[string, Parameters<typeof rig>[0], boolean]>([
    ["with logger: false", { logger: false }, false],
    ["where somebody listens to `waiting`", { logger: undefined as never }, true],
  ])("is not given %s", async (_, options, listens) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => { /* Seen below. */ });
    const made = nobody(options);
    if (listens) made.link.on("waiting", () => { /* Handled. */ });
    void made.link.open();
    await lap(made);
    expect(made.link.phase).toBe("waiting");
    expect(warn).not.toHaveBeenCalled();
    await made.link.close();
  });

  it("is not given for the wait after a lost connection: that was told in `disconnected`", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => { /* Seen below. */ });
    const made = await connected({ endpoints: "fake://a", logger: undefined as never });
    made.link.removeAllListeners();
    made.channel.end();
    expect(made.link.phase).toBe("waiting");
    expect(warn).not.toHaveBeenCalled();
    await made.link.close();
  });

  it("goes to the logger where there is one", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => { /* Seen below. */ });
    const records: LogRecord[] = [];
    const made = nobody({ logger: (record) => { records.push(record); } });
    void made.link.open();
    await lap(made);
    expect(records.filter(({ event }) => event === "unreachable")).toEqual([{ level: "warn", event: "unreachable", message: expect.stringContaining("no endpoint answered (could not dial fake://a") }]);
    expect(warn).not.toHaveBeenCalled();
    await made.link.close();
  });
});

describe("warnings after so many laps", () => {
  /** The laps, of the first six, after which there was a warning. */
  async function warnedAfter(options: Parameters<typeof rig>[0]): Promise<readonly number[]> {
    const laps: number[] = [];
    let count = 0;
    const made = rig({ ...options, logger: ({ event }) => { if (event === "unreachable") laps.push(count); } });
    void made.link.open();
    for (count = 1; count <= 6; count += 1) {
      await lap(made);
      await made.clock.advanceAsync(1_000);
    }
    await made.link.close();
    return laps;
  }

  it.each<[number | undefined, readonly number[]]>([[undefined, []], [3, [1, 3, 6]], [1, [1, 2, 3, 4, 5, 6]], [100, [1]], [0, []]])("every %s: at the first and at each multiple, though somebody listens", async (warnAfter, laps) => {
    expect(await warnedAfter(warnAfter === undefined ? {} : { warnAfter })).toEqual(laps);
  });

  it("are counted afresh after a connection", async () => {
    const messages: string[] = [];
    const made = rig({ warnAfter: 100, stableAfter: 0, logger: ({ event, message }) => { if (event === "unreachable") messages.push(message); } });
    void made.link.open();
    await lap(made);
    await made.clock.advanceAsync(1_000);
    (await made.accept()).end();
    await made.settle();
    made.transport.last.refuse();
    await made.settle();
    expect(messages).toHaveLength(2);
    await made.link.close();
  });

  it("are not given with logger: false", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => { /* Seen below. */ });
    const made = rig({ warnAfter: 1, logger: false });
    void made.link.open();
    await lap(made);
    expect(warn).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    await made.link.close();
  });
});

describe("the logger", () => {
  it("gets one record per event, with a level and plain details", async () => {
    const records: LogRecord[] = [];
    const { link, channel } = await connected({ endpoints: "fake://a", logger: (record) => { records.push(record); } });
    link.send("not ours to log");
    channel.end();
    await link.close();
    expect(records).toEqual([
      { level: "info", event: "connecting", message: "connecting", attempt: 1, endpoint: "fake://a" },
      { level: "info", event: "connected", message: "connected", endpoint: "fake://a", epoch: 1, resumed: false },
      { level: "warn", event: "disconnected", message: "disconnected", endpoint: "fake://a", cause: "closed", unconfirmed: 1 },
      { level: "info", event: "waiting", message: "waiting", attempt: 1, delay: 1_000 },
      { level: "info", event: "closed", message: "closed", cause: "requested" },
    ]);
  });

  it("never gets a user's message, and gets errors as text", async () => {
    const records: LogRecord[] = [];
    const made = rig({ outbox: { maxMessages: 1, overflow: "dropNewest" }, logger: (record) => { records.push(record); } });
    made.link.send("1");
    made.link.send("s3cret");
    void made.link.open();
    made.transport.last.refuse();
    await made.settle();
    expect(records.map(({ level, event, message }) => `${level} ${event}: ${message}`)).toEqual(["warn dropped: dropped", "info connecting: connecting", "warn failed: failed: could not dial fake://a: ECONNREFUSED", "info connecting: connecting"]);
    expect(JSON.stringify(records)).not.toContain("s3cret");
    await made.link.close();
  });

  it("breaks nothing when it throws", async () => {
    const { link } = await connected({ logger: () => { throw new Error("disk full"); } });
    expect(link.phase).toBe("connected");
    link.abort();
  });
});

describe("the last word of a link that gives up", () => {
  it.each<[string, Parameters<typeof rig>[0], string]>([
    ["names what failed where", { maxAttempts: 2 }, "could not dial fake://a: ECONNREFUSED; could not dial fake://b: ENOTFOUND"],
    ["names an endpoint once, with its latest failure", { maxAttempts: 4 }, "could not dial fake://a: ECONNREFUSED; could not dial fake://b: ENOTFOUND"],
  ])("%s", async (_, options, story) => {
    const made = rig(options);
    const opened = made.link.open();
    await lap(made);
    await made.clock.advanceAsync(1_000);
    if (made.link.phase !== "closed") await lap(made);
    await expect(opened).rejects.toMatchObject({ code: "HF_GAVE_UP", next: "stop", message: expect.stringContaining(story) });
    await expect(opened).rejects.toThrow(/maxAttempts, maxRounds or giveUpAfter/);
  });

  it("names the loss where nothing was dialled since", async () => {
    const { link, channel } = await connected({ maxAttempts: 0 });
    channel.end(new ConnectError("HF_DIAL_FAILED", "fake://a", "the cable was pulled"));
    await expect(link.closed).resolves.toMatchObject({ cause: "exhausted", error: { code: "HF_GAVE_UP", message: expect.stringContaining("the cable was pulled") } });
  });
});
