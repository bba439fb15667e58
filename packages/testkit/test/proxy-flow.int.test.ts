import { describe, expect, it } from "vitest";
import { SimClock, seededRandom } from "../src/index.ts";
import { settled, street, until } from "./proxy-pair.ts";

describe("latency", () => {
  it("delays bytes and ends, and keeps their order", async () => {
    const clock = new SimClock({ start: 0 });
    await using road = await street({ clock, random: seededRandom(1) });
    road.proxy.latency({ delay: 100, jitter: 400, direction: "outward" });
    const { client, server } = await road.meet();
    for (const digit of "0123456789") {
      client.socket.write(digit);
      await until(() => road.proxy.counters.outward.received === Number(digit) + 1);
    }
    client.socket.end();
    await settled();
    clock.advance(99);
    await settled();
    expect(server.text).toBe("");
    clock.advance(401);
    await until(() => server.news.includes("end"));
    expect(server.text).toBe("0123456789");
  });
});

describe("bandwidth", () => {
  it("lets so many bytes through in a second", async () => {
    const clock = new SimClock({ start: 0 });
    await using road = await street({ clock });
    road.proxy.bandwidth({ bytesPerSecond: 1_000 });
    const { client } = await road.meet();
    client.socket.write(Buffer.alloc(5_000));
    await until(() => road.proxy.counters.outward.received === 5_000);
    clock.advance(1_000);
    expect(road.proxy.counters.outward.delivered).toBeGreaterThan(980);
    expect(road.proxy.counters.outward.delivered).toBeLessThan(1_040);
    clock.advance(4_000);
    expect(road.proxy.counters.outward.delivered).toBe(5_000);
  });
});

describe("slice", () => {
  it("delivers byte by byte", async () => {
    await using road = await street();
    road.proxy.slice({ bytes: 1, direction: "inward" });
    const { client, server } = await road.meet();
    server.socket.write("slowly");
    await until(() => client.text === "slowly");
    expect(client.chunks.map(String)).toEqual(["s", "l", "o", "w", "l", "y"]);
  });

  it("waits between the pieces where it is told to", async () => {
    const clock = new SimClock({ start: 0 });
    await using road = await street({ clock });
    road.proxy.slice({ bytes: 2, every: 50, direction: "outward" });
    const { client, server } = await road.meet();
    client.socket.write("abcdef");
    await until(() => server.text === "ab");
    clock.advance(50);
    await until(() => server.text === "abcd");
    expect(clock.pending).toBe(1);
  });
});

describe("hold", () => {
  it("keeps bytes and the end, and delivers both when released", async () => {
    await using road = await street();
    const { client, server } = await road.meet();
    road.proxy.hold("outward");
    client.socket.end("kept");
    server.socket.write("the other way is open");
    await until(() => client.text !== "" && road.proxy.counters.outward.received === 4);
    await settled();
    expect([server.text, server.news]).toEqual(["", []]);
    road.proxy.release();
    await until(() => server.news.includes("end"));
    expect(server.text).toBe("kept");
  });

  it("stops reading when its buffer is full, and loses nothing", async () => {
    await using road = await street({ maxBuffer: 100_000 });
    const { client, server } = await road.meet();
    road.proxy.hold();
    const sent = Buffer.alloc(20 * 2 ** 20, "x");
    client.socket.end(sent);
    await until(() => road.proxy.counters.outward.received > 100_000);
    await settled();
    expect(road.proxy.counters.outward.received).toBeLessThan(300_000);
    await road.proxy.pass();
    await until(() => server.news.includes("end"));
    expect(server.bytes).toBe(sent.length);
  });
});
