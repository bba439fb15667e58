import { framed, json, text } from "@holdfast/core";
import { memoryNetwork } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { Server } from "../src/index.ts";
import { where } from "./scene.ts";

describe("the options of a server", () => {
  const protocol = framed();
  it.each([
    [{ protocol: undefined }, "protocol must be a protocol"],
    [{ protocol, identify: "id" }, "identify must be a function"],
    [{ protocol, duplicate: "both" }, "duplicate must be 'replaceDead', 'replace' or 'refuse', got \"both\""],
    [{ protocol, limits: { maxPeers: 0 } }, "limits.maxPeers must be a number of at least 1, got 0"],
    [{ protocol, limits: { stalledAfter: Number.NaN } }, "limits.stalledAfter must be"],
    [{ protocol, outbox: { maxBytes: -1 } }, "outbox.maxBytes must be"],
    [{ protocol, heartbeat: { interval: 0 } }, "heartbeat.interval must be"],
    [{ protocol, identify: () => "me", heartbeat: false }, "without pings nobody can tell a dead peer from a quiet one"],
  ])("are checked at construction: %j", (options, message) => {
    expect(() => new Server(options as never)).toThrow(message);
  });

  it("want a heartbeat that somebody can beat, on every transport", async () => {
    const pingless = memoryNetwork({ traits: { pings: false } }).transport;
    await expect(new Server({ protocol: text() }).listen(pingless, where)).rejects.toThrow(/nobody can ping: neither the protocol nor the memory transport/);
    await using quiet = new Server({ protocol: text(), heartbeat: { optional: true } });
    await quiet.listen(pingless, where);
    await using pinging = new Server({ protocol: json({ ping: "ping", pong: (message) => message === "pong" }) });
    await pinging.listen(pingless, "memory://pinging");
    expect([quiet.phase, pinging.phase]).toEqual(["open", "open"]);
  });

  it("want a transport that listens, and a URI that it serves", async () => {
    const server = new Server({ protocol });
    await expect(server.listen(memoryNetwork({ traits: { listens: false } }).transport, where)).rejects.toThrow(/transport must be one that listens/);
    await expect(server.listen(memoryNetwork().transport, "tcp://127.0.0.1:0")).rejects.toThrow(/uri must be a URI this transport serves \(memory\), got "tcp:\/\/127.0.0.1"/);
    await expect(server.listen(memoryNetwork().transport, where, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});
