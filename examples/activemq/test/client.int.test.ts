import { constant } from "@holdfast/core";
import { memoryNetwork } from "@holdfast/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { ActiveMq, type Delivery } from "../src/client/index.ts";
import { FakeBroker } from "./fake-broker.ts";

/** A client that is connected, and its broker. */
async function rig(options: { readonly maxPending?: number } = {}): Promise<{ client: ActiveMq; broker: FakeBroker }> {
  const network = memoryNetwork();
  const broker = await FakeBroker.listen(network.transport, "memory://broker", {});
  const client = new ActiveMq({ endpoints: "memory://broker", transports: [network.transport], backoff: constant(1), logger: false, ...options });
  onTestFinished(() => client.close({ within: 0 }));
  client.link.on("waiting", () => { /* Nobody needs a warning. */ });
  await client.open();
  return { client, broker };
}

const connection = (broker: FakeBroker, number: number): Promise<void> => expect.poll(() => [broker.connections, broker.heard.length > 0], { interval: 2 }).toEqual([number, true]);
const outcome = (sent: Promise<void>): Promise<unknown> => sent.then(() => "receipt", (error: { code?: string }) => error.code ?? error);

describe("a send", () => {
  it("resolves at its receipt, and is persistent unless its sender says otherwise", async () => {
    const { client, broker } = await rig();
    const sent = client.send("/queue/a", "hello");
    const fast = client.send("/queue/a", "quick", { headers: { persistent: "false" } });
    await expect.poll(() => broker.saw("SEND", "persistent")).toEqual(["true", "false"]);
    expect(client.pending).toEqual({ sends: 2, resent: 0 });
    for (const id of broker.saw("SEND", "receipt")) broker.say("RECEIPT", { "receipt-id": id ?? "" });
    expect(await Promise.all([outcome(sent), outcome(fast)])).toEqual(["receipt", "receipt"]);
    expect(client.pending.sends).toBe(0);
  });

  it("goes out again on the next connection until its receipt comes: behind the subscriptions, in order, with its name and a mark", async () => {
    const { client, broker } = await rig();
    const sent = ["a", "b", "c"].map((body) => outcome(client.send("/queue/a", body)));
    client.subscribe("/queue/b", () => {});
    await expect.poll(() => broker.saw("SEND", "send-id").length).toBe(3);
    const names = broker.saw("SEND", "send-id");
    expect(broker.saw("SEND", "resent")).toEqual([undefined, undefined, undefined]);
    broker.say("RECEIPT", { "receipt-id": names[1] ?? "" });
    await sent[1];
    broker.drop();
    await connection(broker, 2);
    await expect.poll(() => broker.heard.map((frame) => frame.split("\n")[0])).toEqual(["CONNECT", "SUBSCRIBE", "SEND", "SEND"]);
    expect([broker.saw("SEND", "send-id"), broker.saw("SEND", "resent")]).toEqual([[names[0], names[2]], ["true", "true"]]);
    expect(client.pending).toEqual({ sends: 2, resent: 2 });
  });

  it("that was made while there was no connection goes out once, without the mark", async () => {
    const { client, broker } = await rig();
    const gone = new Promise((resolve) => { client.link.once("disconnected", resolve); });
    broker.drop();
    await gone;
    void outcome(client.send("/queue/a", "hello"));
    await connection(broker, 2);
    await expect.poll(() => broker.saw("SEND", "resent")).toEqual([undefined]);
  });

  it("that the broker refuses is rejected and not sent again, and the others are", async () => {
    const { client, broker } = await rig();
    const refused = client.send("/queue/forbidden", "a");
    void outcome(client.send("/queue/a", "b"));
    await expect.poll(() => broker.saw("SEND", "receipt").length).toBe(2);
    broker.say("ERROR", { "receipt-id": broker.saw("SEND", "receipt")[0] ?? "", message: "not yours" });
    expect(await outcome(refused)).toBe("HF_REFUSED");
    await connection(broker, 2);
    await expect.poll(() => broker.saw("SEND", "destination")).toEqual(["/queue/a"]);
  });

  it("is refused beyond maxPending, and where it is too long or cannot be written", async () => {
    const { client } = await rig({ maxPending: 1 });
    expect(await outcome(client.send("/queue/a", "x".repeat(2 ** 20)))).toBe("HF_FRAME_TOO_LONG");
    expect(await outcome(client.send("/queue/a", "x", { headers: { a: "\0" } }))).toBe("HF_BAD_FRAME");
    void outcome(client.send("/queue/a", "x"));
    expect(await outcome(client.send("/queue/a", "x"))).toBe("HF_OUTBOX_FULL");
  });

  it("rejects with its signal's reason, and with HF_CLOSED when the client ends without its receipt", async () => {
    const { client, broker } = await rig();
    const controller = new AbortController();
    const given = client.send("/queue/a", "x", { signal: controller.signal });
    const left = client.send("/queue/a", "y");
    controller.abort("enough");
    expect(await outcome(given)).toBe("enough");
    await client.close({ within: 10 });
    expect([await outcome(left), await outcome(client.send("/queue/a", "z"))]).toEqual(["HF_CLOSED", "HF_CLOSED"]);
    expect(broker.heard.at(-1)).toBe("DISCONNECT\n\n\0");
  });

  it("is waited for when the client closes", async () => {
    const { client, broker } = await rig();
    const sent = client.send("/queue/a", "x");
    await expect.poll(() => broker.saw("SEND", "receipt").length).toBe(1);
    const closed = client.close({ within: 60_000 });
    broker.say("RECEIPT", { "receipt-id": broker.saw("SEND", "receipt")[0] ?? "" });
    expect([await outcome(sent), await closed]).toEqual(["receipt", undefined]);
  });
});

describe("a subscription", () => {
  it("hears what comes, and acks it on the connection it came on only", async () => {
    const { client, broker } = await rig();
    const heard: Delivery[] = [];
    const { id } = client.subscribe("/queue/a", (delivery) => { heard.push(delivery); }, { prefetch: 7 });
    await expect.poll(() => broker.saw("SUBSCRIBE", "activemq.prefetchSize")).toEqual(["7"]);
    for (const ack of ["1", "2", "3"]) broker.say("MESSAGE", { subscription: id, ack, "send-id": `s${ack}`, ...(ack === "3" && { redelivered: "true", resent: "true" }) }, `body ${ack}`);
    await expect.poll(() => heard.length).toBe(3);
    expect(heard.map(({ text, sendId, redelivered, resent }) => [text, sendId, redelivered, resent])).toEqual([["body 1", "s1", false, false], ["body 2", "s2", false, false], ["body 3", "s3", true, true]]);
    expect([heard[0]?.ack(), heard[1]?.nack()]).toEqual([true, true]);
    await expect.poll(() => [broker.saw("ACK", "id"), broker.saw("NACK", "id")]).toEqual([["1"], ["2"]]);
    broker.drop();
    await connection(broker, 2);
    await expect.poll(() => broker.saw("SUBSCRIBE", "id")).toEqual([id]);
    expect(heard[2]?.ack()).toBe(false);
    expect(broker.saw("ACK", "id")).toEqual([]);
  });

  it("that was closed is not asked for again", async () => {
    const { client, broker } = await rig();
    const [first, second] = ["/queue/a", "/queue/b"].map((destination) => client.subscribe(destination, () => {}));
    first?.close();
    await expect.poll(() => broker.saw("UNSUBSCRIBE", "id")).toEqual([first?.id]);
    broker.drop();
    await connection(broker, 2);
    await expect.poll(() => broker.saw("SUBSCRIBE", "id")).toEqual([second?.id]);
  });

  it("that the broker refuses is told, and not asked for again", async () => {
    const { client, broker } = await rig();
    const codes: string[] = [];
    const { id } = client.subscribe("/queue/forbidden", () => {}, { refused: ({ code }) => { codes.push(code); } });
    client.subscribe("/queue/a", () => {});
    await expect.poll(() => broker.saw("SUBSCRIBE", "id").length).toBe(2);
    broker.say("ERROR", { "receipt-id": id, message: "not yours" });
    await connection(broker, 2);
    await expect.poll(() => broker.saw("SUBSCRIBE", "destination")).toEqual(["/queue/a"]);
    expect(codes).toEqual(["HF_REFUSED"]);
  });
});
