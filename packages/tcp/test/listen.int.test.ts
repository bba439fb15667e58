import { describe, expect, it } from "vitest";
import { parseEndpoint, type Channel } from "@holdfast/core";
import { SimClock } from "@holdfast/testkit";
import { connect } from "node:net";
import { tcp } from "../src/index.ts";
import { Ear } from "./ear.ts";
import { dial, listen, pair } from "./pair.ts";

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

describe("listen", () => {
  it("says where it really listens", async () => {
    const listener = await listen(tcp(), { uri: "tcp://127.0.0.1:0", note: "kept" }, () => {});
    expect(listener.endpoint.port).toBeGreaterThan(0);
    expect(listener.endpoint.label).toBe(`tcp://127.0.0.1:${listener.endpoint.port}`);
    expect(listener.endpoint.options).toEqual({ note: "kept" });
    await listener.close();
  });

  it("stops accepting at close, frees the address, and lets accepted channels live on", async () => {
    await using both = await pair();
    const near = new Ear();
    both.near.receive(near);
    both.far.receive(new Ear((frame) => { both.far.send(`re: ${frame}`); }));
    await both.listener.close();
    await both.listener.close();
    await expect(dial(tcp(), both.listener.endpoint.uri)).rejects.toMatchObject({ code: "HF_DIAL_FAILED" });
    const again = await listen(tcp(), both.listener.endpoint.uri, () => {});
    both.near.send("still there?");
    await near.until((heard) => heard.length === 1);
    expect(near.frames).toEqual(["re: still there?"]);
    await again.close();
  });

  it("tries a busy address three more times, and then says who is to blame", async () => {
    const first = await listen(tcp(), "tcp://127.0.0.1:0", () => {});
    const clock = new SimClock();
    const waits: number[] = [];
    const outcome = listen(tcp({ clock }), first.endpoint.uri, () => {}).catch(String);
    for (let tries = 0; tries < 3; tries++) {
      while (clock.pending === 0 || clock.next === Infinity) await turn();
      waits.push(clock.next - clock.now());
      clock.advance(clock.next - clock.now());
    }
    expect(await outcome).toBe(`ConnectError: cannot listen on ${first.endpoint.label} (EADDRINUSE); somebody listens there already: stop that process or choose another address`);
    expect(waits).toEqual([250, 500, 1000]);
    await first.close();
  });

  it("gets an address that becomes free in time", async () => {
    const first = await listen(tcp(), "tcp://127.0.0.1:0", () => {});
    const clock = new SimClock();
    const listening = listen(tcp({ clock }), first.endpoint.uri, () => {});
    while (clock.next === Infinity) await turn();
    await first.close();
    clock.advance(250);
    const second = await listening;
    expect(second.endpoint.port).toBe(first.endpoint.port);
    await second.close();
  });

  it("stops trying when it is aborted, and leaves nothing behind", async () => {
    const first = await listen(tcp(), "tcp://127.0.0.1:0", () => {});
    const clock = new SimClock();
    const stop = new AbortController();
    const outcome = tcp({ clock }).listen?.(parseEndpoint(first.endpoint.uri), { accept: () => {}, signal: stop.signal }).catch(String);
    while (clock.next === Infinity) await turn();
    stop.abort(new Error("changed my mind"));
    expect(await outcome).toBe("Error: changed my mind");
    expect(clock.pending).toBe(0);
    await first.close();
    const again = await listen(tcp(), first.endpoint.uri, () => {});
    await again.close();
  });

  it("rejects at once when it was aborted before, and is not affected by an abort once it is open", async () => {
    const stop = new AbortController();
    const transport = tcp();
    const channels: Channel[] = [];
    const listener = await transport.listen?.(parseEndpoint("tcp://127.0.0.1:0"), { accept: (channel) => { channels.push(channel); }, signal: stop.signal });
    stop.abort(new Error("too late"));
    const channel = await dial(transport, listener?.endpoint.uri ?? "");
    await expect(transport.listen?.(parseEndpoint("tcp://127.0.0.1:0"), { accept: () => {}, signal: stop.signal })).rejects.toThrow("too late");
    channel.abort(new Error("the test is over"));
    await listener?.close();
  });

  it("gives up at once on an address that is not of this machine", async () => {
    const clock = new SimClock();
    await expect(listen(tcp({ clock }), "tcp://192.0.2.1:7000", () => {})).rejects.toMatchObject({ code: "HF_LISTEN_FAILED", cause: { code: "EADDRNOTAVAIL" } });
    expect(clock.pending).toBe(0);
  });

  it("shows IPv4 as such where it came over an IPv6 socket", async () => {
    const remote = Promise.withResolvers<string>();
    const listener = await listen(tcp(), "tcp://[::]:0", (channel) => {
      remote.resolve(channel.remote.label);
      channel.abort(new Error("the test is over"));
    });
    connect(listener.endpoint.port, "127.0.0.1").on("error", () => {});
    expect(await remote.promise).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    expect(listener.endpoint.label).toBe(`tcp://[::]:${listener.endpoint.port}`);
    await listener.close();
  });
});
