import { describe, expect, it } from "vitest";
import { LinkError } from "../../src/errors/link-error.ts";
import { ConnectError } from "../../src/errors/connect-error.ts";
import { json } from "../../src/protocol/json.ts";
import { connected, rig } from "./rig.ts";

const reset = new LinkError("HF_RESET", "the peer reset the connection");

describe("a link", () => {
  it("dials nothing before it is opened", async () => {
    const { transport, settle, link } = rig();
    await settle();
    expect(transport.dials).toEqual([]);
    expect(link.snapshot()).toEqual({ phase: "idle", endpoint: undefined, epoch: undefined, attempt: 0, rtt: undefined, unconfirmed: 0, outbox: { messages: 0, bytes: 0 }, slots: [] });
  });

  it("is open once it is connected, and says so", async () => {
    const { link, told, transport } = await connected();
    expect(link.phase).toBe("connected");
    expect(link.endpoint).toBe("fake://a");
    expect(told).toEqual(["connecting a attempt 1", "connected a"]);
    expect(transport.open).toHaveLength(1);
  });

  it("tells what happened when a connection is lost, and dials the next endpoint", async () => {
    const { channel, told, accept, link } = await connected();
    channel.end(reset);
    await accept();
    expect(told.slice(2)).toEqual(["disconnected a reset HF_RESET", "connecting b attempt 2", "connected b"]);
    expect(link.snapshot()).toMatchObject({ phase: "connected", endpoint: "fake://b", attempt: 2, epoch: 2, slots: [{ epoch: 2, stage: "active", endpoint: "fake://b" }] });
  });

  it("waits after a lap in which nobody could be reached, then goes on", async () => {
    const { link, told, transport, settle, clock } = rig();
    void link.open();
    for (let dial = 0; dial < 2; dial += 1) {
      transport.last.refuse();
      await settle();
    }
    await clock.advanceAsync(1_000);
    expect(told).toEqual(["connecting a attempt 1", "failed a attempt 1 HF_DIAL_FAILED", "connecting b attempt 2", "failed b attempt 2 HF_DIAL_FAILED", "waiting attempt 2 delay 1000", "connecting a attempt 3"]);
    await link.close();
  });

  it("shows no secret of an address that a foreign error quotes", async () => {
    const { transport, settle, link } = rig({ endpoints: ["fake://user:hunter2@a?token=hunter2"] });
    const failures: string[] = [];
    link.on("failed", ({ error }) => { failures.push(error.message); });
    void link.open().catch(() => { /* It is still dialling when the test ends. */ });
    await settle();
    transport.last.refuse(new Error(`no route to ${transport.last.endpoint.uri}`));
    await settle();
    expect(failures).toEqual(["could not dial fake://a?…: no route to fake://a?…"]);
    link.abort();
  });

  it("gives up a dial without an answer, and says why", async () => {
    const { link, told, transport, clock } = rig({ stagger: Infinity });
    const messages: string[] = [];
    link.on("failed", ({ error }) => messages.push(error.message));
    void link.open();
    await clock.advanceAsync(5_000);
    expect(transport.dials[0]?.signal.aborted).toBe(true);
    expect(told[1]).toBe("failed a attempt 1 HF_DIAL_TIMEOUT");
    expect(messages).toEqual(["fake://a did not answer within 5000 ms"]);
    await link.close();
  });

  it("hangs up on a channel that came in the very moment the dial was given up", async () => {
    const { link, transport, settle } = rig();
    void link.open();
    const channel = transport.last.accept(); // The promise is resolved, its reaction has not run.
    await link.close();
    await settle();
    expect(channel.state).toBe("closed");
  });

  it("says that a peer closed before its greeting, not that it was slow", async () => {
    const { link, transport, settle } = rig({ protocol: { pings: false, standby: "none", start: () => ({ frame() {}, send: () => true, close() {}, closed() {} }) } });
    const failures: Error[] = [];
    link.on("failed", ({ error }) => failures.push(error));
    void link.open();
    transport.last.accept().end();
    await settle();
    expect(failures[0]?.message).toContain("closed");
    expect(failures[0]?.message).not.toContain("within");
    await link.close();
  });

  it("dials at once, not after the wait, when it is told that the network is back", async () => {
    const { link, transport, settle } = rig({ endpoints: "fake://a" });
    void link.open();
    transport.last.refuse();
    await settle();
    expect(link.phase).toBe("waiting");
    link.retryNow();
    expect(transport.dials).toHaveLength(2);
    await link.close();
  });

  it("asks its peer for a sign of life when it is told that the network is back", async () => {
    const { link, channel, transport } = await connected({ protocol: json<string, string>({ ping: "ping", pong: (message) => message === "pong" }), heartbeat: "wan" });
    link.retryNow();
    expect(channel.sent).toEqual(['"ping"']);
    channel.deliver('"pong"');
    expect(link.rtt).toEqual({ last: 0, smoothed: 0, variation: 0 });
    expect([link.detectionBound(), link.detectionBound("talking"), transport.dials.length]).toEqual([20_000, 35_000, 1]);
    link.abort();
    expect([link.rtt, link.detectionBound()]).toEqual([undefined, Infinity]);
  });

  it("redials in the background, whatever the user awaits", async () => {
    const { link, channel, accept } = await connected({ maxUnread: 1 });
    const reading = link[Symbol.asyncIterator]().next();
    channel.end();
    const next = await accept();
    expect(link.phase).toBe("connected");
    next.deliver("from b");
    expect((await reading).value).toBe("from b");
  });

  it("leaves an endpoint that the application suspects", async () => {
    const { link, told, channel, transport } = await connected();
    link.suspect("requests fail");
    expect(told.slice(2)).toEqual(["suspected a reason requests fail", "disconnected a suspected HF_SUSPECTED", "connecting b attempt 2"]);
    expect(channel.aborted).toMatchObject({ code: "HF_SUSPECTED", next: "elsewhere" });
    expect(transport.open).toEqual([]);
    await link.close();
  });

  it("has nothing to suspect while it is not connected", async () => {
    const { link, told } = rig();
    link.suspect("a feeling");
    expect(told).toEqual([]);
    await link.close();
  });
});

describe("opening a link", () => {
  it("rejects when the peer refuses for good, with the refusal", async () => {
    const { link, transport } = rig();
    const opened = link.open();
    transport.last.refuse(new ConnectError("HF_REFUSED", "fake://a", "wrong token", { next: "stop" }));
    await expect(opened).rejects.toMatchObject({ code: "HF_REFUSED" });
    await expect(link.closed).resolves.toMatchObject({ cause: "refused", error: { code: "HF_REFUSED" } });
  });

  it("rejects when all attempts are used up, whatever the last failure was", async () => {
    const { link, transport } = rig({ endpoints: "fake://a", maxAttempts: 1 });
    const refused = link.open();
    transport.last.refuse(new ConnectError("HF_DIAL_FAILED", "fake://a", "could not dial fake://a: ECONNREFUSED"));
    await expect(refused).rejects.toMatchObject({ code: "HF_GAVE_UP", next: "stop", cause: { code: "HF_DIAL_FAILED" }, message: expect.stringContaining("ECONNREFUSED") });
    const mute = rig({ endpoints: "fake://a", maxAttempts: 1 });
    const timedOut = mute.link.open();
    await Promise.all([expect(timedOut).rejects.toMatchObject({ code: "HF_GAVE_UP", cause: { code: "HF_DIAL_TIMEOUT" } }), mute.clock.advanceAsync(5_000)]);
    expect(mute.clock.pending).toBe(0);
  });

  it("rejects with the reason of its signal, and the dialling goes on", async () => {
    const { link, accept } = rig();
    const controller = new AbortController();
    const opened = link.open({ signal: controller.signal });
    controller.abort(new Error("no patience"));
    await expect(opened).rejects.toThrow("no patience");
    await accept();
    await expect(link.ready()).resolves.toBeUndefined();
    await expect(link.ready({ signal: controller.signal })).rejects.toThrow("no patience");
  });

  it("rejects when the link is closed first", async () => {
    const { link } = rig();
    const opened = link.open();
    await link.close();
    await expect(opened).rejects.toMatchObject({ code: "HF_CLOSED" });
    await expect(link.open()).rejects.toMatchObject({ code: "HF_CLOSED" });
  });

  it("dials once, however often it is opened", async () => {
    const { link, transport, accept } = rig();
    const opened = [link.open(), link.open(), link.ready()];
    await accept();
    await Promise.all(opened);
    expect(transport.dials).toHaveLength(1);
  });

  it("stays closed when it is opened, closed and opened in one tick", async () => {
    const { link, transport, settle, told } = rig();
    const first = link.open();
    const closed = link.close();
    const second = link.open();
    await expect(first).rejects.toMatchObject({ code: "HF_CLOSED" });
    await expect(second).rejects.toMatchObject({ code: "HF_CLOSED" });
    await closed;
    await settle();
    expect(transport.dials.map(({ signal }) => signal.aborted)).toEqual([true]);
    expect(told).toEqual(["connecting a attempt 1", "closed requested"]);
  });

  it("need not be awaited: a link that is closed first leaves no rejection behind", async () => {
    const { link } = rig();
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => { unhandled.push(reason); };
    process.on("unhandledRejection", listener);
    void link.open();
    void link.ready();
    await link.close();
    await new Promise((resolve) => { setImmediate(resolve); });
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });
});
