import { activeMqIsInstalled, Broker } from "@holdfast/test-servers";
import { seededRandom } from "@holdfast/testkit";
import { constant, type Closed } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { ActiveMq } from "../src/client/index.ts";
import { trial } from "./soak/trial.ts";

describe.skipIf(!activeMqIsInstalled())("on two real brokers", { timeout: 120_000 }, () => {
  it("no message with a receipt is lost while they are killed in turn, and what comes twice is marked", async () => {
    await using stack = new AsyncDisposableStack();
    const brokers = [stack.use(await Broker.start({ name: "first" })), stack.use(await Broker.start({ name: "second" }))] as const;
    const [messages, kills] = [1_200, 4];
    const verdict = await trial({ brokers, messages, kills, random: seededRandom(11) });
    expect(verdict).toMatchObject({ receipts: messages, lost: [], duplicates: { unmarked: [] }, deaf: 0 });
    expect(verdict.connections).toBeGreaterThan(kills);
    expect(verdict.deliveries).toBe(messages + verdict.duplicates.redelivered + verdict.duplicates.resent);
  });

  it("a wrong passcode ends the client for good, and is not told to anybody", async () => {
    await using stack = new AsyncDisposableStack();
    const broker = stack.use(await Broker.start({ user: { login: "anna", passcode: "right" } }));
    const client = stack.use(new ActiveMq({ endpoints: broker.stomp, login: "anna", passcode: "wrong", logger: false }));
    const closed: Closed[] = [];
    client.link.on("closed", (event) => { closed.push(event); });
    await expect(client.open()).rejects.toMatchObject({ code: "HF_REFUSED", next: "stop", message: expect.not.stringMatching(/anna|wrong/) as string });
    expect(closed.map(({ cause }) => cause)).toEqual(["refused"]);
  });

  it("what the broker itself refuses is rejected, and the client goes on", async () => {
    await using stack = new AsyncDisposableStack();
    const broker = stack.use(await Broker.start());
    const client = stack.use(new ActiveMq({ endpoints: broker.stomp, backoff: constant(20), logger: false }));
    await client.open();
    await expect(client.send("/queue/a", "a", { headers: { transaction: "that nobody began" } })).rejects.toMatchObject({ code: "HF_REFUSED" });
    await client.send("/queue/a", "b");
    expect(client.pending.sends).toBe(0);
  });
});
