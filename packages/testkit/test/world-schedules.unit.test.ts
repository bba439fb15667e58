import { parseEndpoint, type Channel } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { replayable, seededRandom, simulate, SimWorld, swarmFaults } from "../src/index.ts";

const server = parseEndpoint("memory://server");
const goal = 20;

interface Client {
  /** Confirmed by the server, in order. */
  readonly confirmed: number[];
  connected: number;
}

/** A server that echoes, and a client that asks for number after number, with a dial time-out, a deadline for answers and a redial. */
function play(world: SimWorld, options: { readonly forgetful?: boolean } = {}): Client {
  const client: Client = { confirmed: [], connected: 0 };
  world.host("server", (host) => { void host.listen(echo); });
  const dial = (): void => {
    const controller = new AbortController();
    const timer = world.clock.alarm(world.clock.now() + 1_000, () => { controller.abort(new Error("no answer")); });
    world.transport.dial(server, { signal: controller.signal }).then((channel) => {
      timer.cancel();
      client.connected += 1;
      ask(channel);
    }, () => {
      timer.cancel();
      world.clock.alarm(world.clock.now() + world.random() * 500, dial);
    });
  };
  const ask = (channel: Channel): void => {
    const deadline = world.clock.alarm(world.clock.now() + 3_000, () => { if (options.forgetful !== true) channel.abort(new Error("silence")); });
    const ends: number[] = [];
    channel.receive({
      frame: (frame) => {
        if (ends.length > 0) throw new Error("a frame after closed");
        client.confirmed.push(Number(frame));
        world.note(`confirmed ${String(frame)}`);
        if (client.confirmed.length < goal) channel.send(String(client.confirmed.length));
        else channel.close();
      },
      drained: () => undefined,
      pong: () => undefined,
      closed: () => {
        deadline.cancel();
        if (ends.push(1) > 1) throw new Error("closed twice");
        if (client.confirmed.length < goal) dial();
      },
    });
    channel.send(String(client.confirmed.length));
  };
  dial();
  return client;
}

const echo = (channel: Channel): void => {
  channel.receive({ frame: (frame) => { channel.send(frame); }, drained: () => undefined, pong: () => undefined, closed: () => undefined });
};

const swarm = (seed: number): SimWorld => new SimWorld({ seed, faults: swarmFaults(seededRandom(seed)) });

describe("schedules", () => {
  it("three thousand swarms: numbers come in order, each once, and all of them after the faults end", async () => {
    const totals = { connected: 0, redialled: 0 };
    for (let seed = 0; seed < 3_000; seed += 1) {
      await replayable(seed, async () => {
        const world = swarm(seed);
        const client = play(world);
        await world.run(20_000);
        world.faults.heal();
        await world.run(20_000);
        expect(client.confirmed).toEqual(Array.from({ length: goal }, (_, number) => number));
        totals.connected += client.connected;
        if (client.connected > 1) totals.redialled += 1;
      });
    }
    expect(totals.redialled).toBeGreaterThan(500); // Otherwise the faults would not have been worth the name.
  });

  it("find a client that never gives a silent server up, and say which seed shows it", async () => {
    const hunt = async (): Promise<void> => {
      for (let seed = 0; seed < 200; seed += 1) {
        await replayable(seed, async () => {
          const world = swarm(seed);
          const client = play(world, { forgetful: true });
          await world.run(20_000);
          world.faults.heal();
          await world.run(20_000);
          if (client.confirmed.length < goal) throw new Error(`stuck at ${client.confirmed.length}`);
        });
      }
    };
    await expect(hunt()).rejects.toThrow(/^seed 0x[0-9a-f]+: stuck at \d+\nRun it again/);
  });

  it("repeat themselves for the same seed, and only for that", async () => {
    const hashes: string[][] = [];
    for (const trace of [false, true]) {
      const row: string[] = [];
      for (let seed = 0; seed < 100; seed += 1) {
        const world = new SimWorld({ seed, trace, faults: swarmFaults(seededRandom(seed)) });
        play(world);
        await world.run(20_000);
        row.push(world.traceHash());
      }
      hashes.push(row);
    }
    expect(hashes[0]).toEqual(hashes[1]);
    expect(new Set(hashes[0]).size).toBe(100);
  });

  it("can be read", async () => {
    const world = new SimWorld({ seed: 4, trace: true, faults: { delayMin: 5, delayMean: 5 } });
    play(world);
    await world.run(30);
    expect(world.trace).toEqual([
      "    1000.000 dial client → server: through",
      "    1005.000 open #0 client → server",
      "    1015.000 #0 → \"0\"",
      "    1020.000 #0 ← \"0\"",
      "    1020.000 confirmed 0",
      "    1025.000 #0 → \"1\"",
      "    1030.000 #0 ← \"1\"",
      "    1030.000 confirmed 1",
    ]);
  });
});

describe("replayable", () => {
  it("gives back what it was given", async () => {
    expect(replayable(1, (seed) => seed + 1)).toBe(2);
    expect(await replayable(1, (seed) => Promise.resolve(seed + 1))).toBe(2);
  });

  it("names the seed, and keeps the cause", () => {
    const cause = new Error("two and two are five");
    expect(() => { replayable(255, () => { throw cause; }); }).toThrow(expect.objectContaining({ message: expect.stringContaining("seed 0xff: two and two are five"), cause }));
  });
});

describe("simulate", () => {
  it("runs worlds with seeds that follow each other", async () => {
    const seeds: number[] = [];
    await simulate({ runs: 3, seed: 40 }, (world) => { seeds.push(world.seed); });
    await simulate({ runs: 1, faults: { refuse: 1 } }, async (world) => { await world.run(10); seeds.push(world.seed); });
    expect(seeds).toEqual([40, 41, 42, 0]);
  });

  it("stops at the first failure and names its seed", async () => {
    await expect(simulate({ runs: 10 }, async ({ seed }) => { await Promise.resolve(); if (seed === 7) throw new Error("seven"); })).rejects.toThrow(/seed 0x7: seven/);
  });
});
