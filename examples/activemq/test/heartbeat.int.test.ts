import { constant } from "@holdfast/core";
import { activeMqIsInstalled, Broker } from "@holdfast/test-servers";
import { describe, expect, it } from "vitest";
import { LoopLateness } from "../../../packages/bench/src/lateness.ts";
import { ActiveMq } from "../src/client/index.ts";

describe.skipIf(!activeMqIsInstalled())("of real brokers", { timeout: 120_000 }, () => {
  it("one that stands still is noticed within the bound that was negotiated, and the other takes over", async () => {
    await using stack = new AsyncDisposableStack();
    const first = stack.use(await Broker.start({ name: "first" }));
    const second = stack.use(await Broker.start({ name: "second" }));
    const client = stack.use(new ActiveMq({ endpoints: [first.stomp, second.stomp], shuffle: false, stagger: Infinity, backoff: constant(50), sendEvery: 300, hearEvery: 300, logger: false }));
    await client.open();
    const bound = client.link.detectionBound();
    const heard = Promise.withResolvers<string>();
    client.subscribe("/queue/a", ({ text }) => { heard.resolve(text); });
    const lost = new Promise((resolve) => { client.link.once("disconnected", ({ cause }) => { resolve(cause); }); });
    const loop = new LoopLateness();
    const frozenAt = performance.now();
    first.freeze();
    const sent = client.send("/queue/a", "for whoever is awake");
    expect(await lost).toBe("heartbeat");
    // The machine that runs this test is busy, too.
    expect([bound, performance.now() - frozenAt - loop.total <= bound + 300]).toEqual([900, true]);
    loop.stop();
    await sent;
    expect([await heard.promise, client.link.endpoint]).toEqual(["for whoever is awake", new URL(second.stomp).href.replace(/\/$/, "")]);
  });

  it("one that beats as it pleases is not given up while it is idle", async () => {
    await using stack = new AsyncDisposableStack();
    const broker = stack.use(await Broker.start());
    const client = stack.use(new ActiveMq({ endpoints: broker.stomp, sendEvery: 400, hearEvery: 400, logger: false }));
    let lost = 0;
    client.link.on("disconnected", () => { lost += 1; });
    await client.open();
    client.subscribe("/queue/a", (delivery) => { delivery.ack(); });
    // Each message makes the broker skip its next beat.
    for (let at = 0; at < 10; at += 1) {
      await client.send("/queue/a", "hello");
      await new Promise((resolve) => { setTimeout(resolve, 660); });
    }
    expect([lost, client.link.phase]).toEqual([0, "connected"]);
  });
});
