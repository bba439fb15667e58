import { inspect } from "node:util";
import { Link, type Closed, type Disconnected, type Failed } from "@holdfast/core";
import { memoryNetwork, SimClock } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import type { StompFrame } from "../src/stomp/frame.ts";
import { stomp, type Outgoing, type StompOptions } from "../src/stomp/protocol.ts";
import { FakeBroker } from "./fake-broker.ts";

const dice = (): number => 0.5;

/** A link in simulated time, and the broker at its other end. */
async function rig(options: StompOptions = {}): Promise<{ clock: SimClock; broker: FakeBroker; link: Link<Outgoing, StompFrame> }> {
  const clock = new SimClock();
  const network = memoryNetwork({ clock, latency: 1 });
  const broker = await FakeBroker.listen(network.transport, "memory://broker");
  const link = new Link({ endpoints: "memory://broker", transports: [network.transport], protocol: stomp(options), clock, random: dice, maxAttempts: 0, logger: false });
  void link.open();
  await clock.advanceAsync(10);
  return { clock, broker, link };
}

describe("the greeting", () => {
  it("names the version, the beats and who we are, without escapes", async () => {
    const { broker, link } = await rig({ login: "anna", passcode: "a:b\\c", sendEvery: 100, hearEvery: 200 });
    expect([broker.heard, link.phase]).toEqual([["CONNECT\naccept-version:1.2\nhost:/\nheart-beat:100,200\nlogin:anna\npasscode:a:b\\c\n\n\0"], "connecting"]);
    broker.say("CONNECTED", { version: "1.2" });
  });

  it.each([
    ["1000,1000", { sendEvery: 100, hearEvery: 200 }, 500, 3 * 1_000],
    ["50,50", { sendEvery: 100, hearEvery: 200 }, 50, 3 * 200],
    ["0,50", { sendEvery: 100, hearEvery: 200 }, 50, Infinity],
    ["50,0", { sendEvery: 100, hearEvery: 200 }, Infinity, 3 * 200],
    ["50,50", { sendEvery: 0, hearEvery: 0 }, Infinity, Infinity],
    [undefined, { sendEvery: 100, hearEvery: 200 }, Infinity, Infinity],
  ])("agrees with %s on the slower beat of both sides, each way: %o", async (theirs, ours, beats, bound) => {
    const { clock, broker, link } = await rig(ours);
    broker.say("CONNECTED", { version: "1.2", ...(theirs !== undefined && { "heart-beat": theirs }) });
    await clock.advanceAsync(10);
    expect(link.detectionBound()).toBe(bound);
    for (let passed = 0; passed < 20; passed += 1) {
      broker.beat();
      await clock.advanceAsync(100);
    }
    // The first one comes at a random moment of its span.
    const expected = beats === Infinity ? 0 : 2_000 / beats;
    expect(Math.abs(broker.heard.filter((frame) => frame === "\n").length - expected)).toBeLessThanOrEqual(1);
  });

  it("loses a broker that falls silent, within three of its beats", async () => {
    const { clock, broker, link } = await rig({ hearEvery: 1_000 });
    const lost: (Disconnected & { at: number })[] = [];
    link.on("disconnected", (event) => { lost.push({ ...event, at: clock.now() }); });
    broker.say("CONNECTED", { version: "1.2", "heart-beat": "1000,0" });
    await clock.advanceAsync(2_000); // ActiveMQ may skip one beat.
    broker.beat();
    await clock.advanceAsync(1);
    const silentFrom = clock.now();
    await clock.advanceAsync(2_900);
    expect(lost).toEqual([]);
    await clock.advanceAsync(200);
    expect(lost.map(({ cause, at }) => [cause, at - silentFrom <= 3_001])).toEqual([["heartbeat", true]]);
  });

  it.each([
    ["another version", "CONNECTED", { version: "1.1" }],
    ["beats that are no numbers", "CONNECTED", { version: "1.2", "heart-beat": "often" }],
    ["a message that comes first", "MESSAGE", {}],
  ])("is refused for %s", async (_, command, headers) => {
    const { clock, broker, link } = await rig();
    const failed: Failed[] = [];
    link.on("failed", (event) => { failed.push(event); });
    broker.say(command, headers);
    await clock.advanceAsync(10);
    expect(failed.map(({ error }) => error.code)).toEqual(["HF_BAD_FRAME"]);
  });
});

describe("an ERROR", () => {
  const refusal = async (body: string): Promise<{ closed: Closed[]; failed: Failed[] }> => {
    const { clock, broker, link } = await rig({ login: "anna", passcode: "secret" });
    const [closed, failed]: [Closed[], Failed[]] = [[], []];
    link.on("closed", (event) => { closed.push(event); }).on("failed", (event) => { failed.push(event); });
    broker.say("ERROR", { message: "User name [anna] or password is invalid." }, body);
    await clock.advanceAsync(10);
    return { closed, failed };
  };

  it("in answer to the greeting ends the link for good, without a word of who we are", async () => {
    const { closed } = await refusal("User name [anna] or password is invalid.");
    expect(closed).toMatchObject([{ cause: "refused", error: { code: "HF_REFUSED", next: "stop" } }]);
    expect(inspect(closed, { depth: 9 })).not.toMatch(/anna|secret/);
  });

  it("is about this broker only where it is the trace of a failure", async () => {
    const { failed } = await refusal("java.lang.IllegalStateException: stopping\n\tat org.apache.activemq.Broker");
    expect(failed).toMatchObject([{ error: { code: "HF_REFUSED", next: "elsewhere" } }]);
  });

  it("later ends the connection, after whoever it is about has seen it", async () => {
    const { clock, broker, link } = await rig();
    const story: unknown[] = [];
    link.on("message", ({ command, headers }) => { story.push([command, headers.get("receipt-id")]); });
    link.on("disconnected", ({ error }) => { story.push(error?.message); });
    broker.say("CONNECTED", { version: "1.2" });
    broker.say("ERROR", { "receipt-id": "7", message: "no" });
    await clock.advanceAsync(10);
    expect(story).toEqual([["ERROR", "7"], "memory://broker ended the connection with an ERROR: no"]);
  });
});

describe("a frame of ours", () => {
  it("goes out on the connection it was made for, and on no other", async () => {
    const { clock, broker, link } = await rig();
    broker.say("CONNECTED", { version: "1.2" });
    await clock.advanceAsync(10);
    const epoch = link.snapshot().epoch ?? 0;
    link.send({ epoch: epoch - 1, bytes: new TextEncoder().encode("ACK\nid:old\n\n\0") });
    link.send({ epoch, bytes: new TextEncoder().encode("ACK\nid:new\n\n\0") });
    void link.close();
    await clock.advanceAsync(10);
    expect(broker.heard.slice(1)).toEqual(["ACK\nid:new\n\n\0", "DISCONNECT\n\n\0"]);
  });
});
