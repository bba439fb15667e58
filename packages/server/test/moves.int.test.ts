import type { Frame, Link } from "@holdfast/core";
import { updatedList } from "@holdfast/core/failover";
import { describe, expect, it } from "vitest";
import { inOrder, kinds, several, stand, type Stand } from "./real.ts";

interface Load {
  readonly sent: string[];
  /** What was heard back, in order. */
  readonly heard: string[];
  readonly told: string[];
  /** Stops, and waits until everything was answered. */
  readonly finish: () => Promise<void>;
}

/** Sends a few messages in each turn of the event loop. */
function load(link: Link<Frame, Frame>): Load {
  const sent: string[] = [];
  const heard: string[] = [];
  const told: string[] = [];
  link.on("disconnected", ({ cause }) => { told.push(`disconnected: ${cause}`); });
  link.on("dropped", ({ why }) => { told.push(`dropped: ${why}`); });
  link.on("migrated", ({ unconfirmed }) => { if (unconfirmed > 0) told.push(`unconfirmed: ${unconfirmed}`); });
  link.on("message", (message) => { heard.push(String(message)); });
  let going = true;
  const turn = (): void => {
    if (!going) return;
    for (let count = 0; count < 3; count += 1) {
      const message = `message ${sent.length}`;
      sent.push(message);
      link.send(message);
    }
    setImmediate(turn);
  };
  turn();
  return {
    sent, heard, told,
    finish: async () => {
      going = false;
      while (heard.length < sent.length) await new Promise((resolve) => { link.once("message", resolve); });
    },
  };
}

/** Answers every message, and writes down what arrived where. */
function echo(arrived: string[], ...places: readonly Stand[]): void {
  for (const { server } of places) {
    server.on("peer", ({ peer }) => peer.on("message", (message) => {
      arrived.push(String(message));
      peer.send(message);
    }));
  }
}

describe.each(kinds)("a link over $scheme", (kind) => {
  it("is moved 200 times under load, and loses, doubles and reorders nothing", { timeout: 60_000 }, async () => {
    await using one = await stand(kind);
    await using other = await stand(kind);
    const arrived: string[] = [];
    echo(arrived, one, other);
    const link = one.link({ endpoints: `${one.uri},${other.uri}`, ...inOrder, outbox: { maxMessages: 1_000_000, maxBytes: 100_000_000 } });
    await link.ready();
    const { sent, heard, told, finish } = load(link);
    const places = new Set<string | undefined>();
    for (let count = 0; count < 200; count += 1) {
      await link.migrate();
      places.add(link.endpoint);
    }
    await finish();
    expect(places.size).toBe(2);
    expect(told).toEqual([]);
    expect(arrived).toEqual(sent);
    expect(heard).toEqual(sent);
    expect(link.snapshot()).toMatchObject({ phase: "connected", epoch: 201, attempt: 1 });
  });

  it("is told where to go under load, and goes there without a loss", async () => {
    await using old = await stand(kind);
    await using listed = await stand(kind);
    await using named = await stand(kind);
    const arrived: string[] = [];
    echo(arrived, old, listed, named);
    const link = old.link({ endpoints: updatedList({ endpoints: `${old.uri},${listed.uri}`, transports: [kind.transport()], accept: () => true, shuffle: false }), stagger: Infinity, outbox: { maxMessages: 1_000_000, maxBytes: 100_000_000 } });
    await link.ready();
    const { sent, heard, told, finish } = load(link);
    await old.server.drain({ within: 5_000, spread: 100, to: [named.uri] });
    await finish();
    expect([old, listed, named].map(({ server }) => server.peers.size)).toEqual([0, 0, 1]);
    expect(told).toEqual([]);
    expect(arrived).toEqual(sent);
    expect(heard).toEqual(sent);
  });

  it("is drained under load: it goes to the second server without a loss and without a word of one", async () => {
    await using old = await stand(kind);
    await using fresh = await stand(kind);
    const arrived: string[] = [];
    echo(arrived, old, fresh);
    const links = Array.from({ length: 5 }, () => old.link({ endpoints: `${old.uri},${fresh.uri}`, ...inOrder, outbox: { maxMessages: 1_000_000, maxBytes: 100_000_000 } }));
    await Promise.all([several(5, old.server, "peer"), ...links.map((link) => link.ready())]);
    const loads = links.map(load);
    const moved = links.map((link) => new Promise<string>((resolve) => { link.once("migrated", ({ cause }) => { resolve(cause); }); }));
    await old.server.drain({ within: 5_000, spread: 300 });
    expect(await Promise.all(moved)).toEqual(links.map(() => "drained"));
    await Promise.all(loads.map(({ finish }) => finish()));
    expect(loads.flatMap(({ told }) => told)).toEqual([]);
    for (const { sent, heard } of loads) expect(heard).toEqual(sent);
    expect(arrived.length).toBe(loads.reduce((sum, { sent }) => sum + sent.length, 0));
    expect([old.server.peers.size, fresh.server.peers.size]).toEqual([0, 5]);
  });
});
