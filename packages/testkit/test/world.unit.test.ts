import { parseEndpoint, type Channel } from "@holdfast/core";
import { describe, expect, it } from "vitest";
import { SimWorld, seededRandom, swarmFaults, type FaultOdds } from "../src/index.ts";
import { couple, Ear } from "./ear.ts";

const server = parseEndpoint("memory://server");
const signal = new AbortController().signal;

/** What became of a dial, so that nobody has to wait for it. */
function dialled(world: SimWorld): { channel?: Channel; error?: Error } {
  const result: { channel?: Channel; error?: Error } = {};
  world.transport.dial(server, { signal }).then((channel) => { result.channel = channel; }, (error: Error) => { result.error = error; });
  return result;
}

const listening = (faults: Partial<FaultOdds> = {}, seed = 1): { world: SimWorld; accepted: Channel[] } => {
  const world = new SimWorld({ seed, faults });
  const accepted: Channel[] = [];
  world.host("server", (host) => { void host.listen((channel) => accepted.push(channel)); });
  return { world, accepted };
};

describe("a simulated world without faults", () => {
  it("gives packets the delays it was told to, and keeps their order", async () => {
    const world = new SimWorld({ seed: 3, faults: { delayMin: 10, delayMean: 30 } });
    const { near, farEar } = await couple(world);
    const delays: number[] = [];
    for (let sent = 0; sent < 2_000; sent += 1) {
      const start = world.clock.now();
      near.send(String(sent));
      await world.run(1_000);
      delays.push(farEar.at - start);
    }
    expect(farEar.heard).toEqual(Array.from({ length: 2_000 }, (_, sent) => String(sent)));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(10);
    const mean = delays.reduce((sum, delay) => sum + delay) / delays.length;
    expect(mean).toBeGreaterThan(28.5);
    expect(mean).toBeLessThan(31.5);
  });

  it("refuses a dial to a name where nobody listens", async () => {
    const world = new SimWorld({ seed: 1 });
    const dial = dialled(world);
    await world.run(1_000);
    expect(dial.error).toMatchObject({ code: "HF_DIAL_FAILED", endpoint: "memory://server" });
  });

  it("leaves nothing open after everybody said goodbye", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, nearEar, farEar } = await couple(world);
    near.close();
    await world.run(1_000);
    expect([nearEar.heard, farEar.heard, world.open, world.clock.pending]).toEqual([["(closed)"], ["(closed)"], 0, 0]);
  });
});

describe("faults by hand", () => {
  it("cuts a connection and tells each end when it is told to", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, nearEar, farEar } = await couple(world);
    expect(world.faults.cut({ to: "server", notice: 300 })).toBe(1);
    near.send("into the void");
    await world.run(299);
    expect([nearEar.heard, farEar.heard]).toEqual([[], []]);
    await world.run(1);
    expect([nearEar.ends, farEar.ends]).toEqual([[expect.objectContaining({ code: "HF_RESET" })], [expect.objectContaining({ code: "HF_RESET" })]]);
    expect(world.open).toBe(0);
  });

  it("lets the two ends of a cut connection hear of it at different times, at most noticeMax later", async () => {
    const world = new SimWorld({ seed: 1, faults: { noticeMax: 1_000 } });
    const { nearEar, farEar } = await couple(world);
    const start = world.clock.now();
    world.faults.cut();
    await world.run(1_000);
    const [near, far] = [nearEar.at - start, farEar.at - start];
    expect(near).not.toBe(far);
    expect(Math.min(near, far)).toBeGreaterThan(0);
    expect(Math.max(near, far)).toBeLessThanOrEqual(1_000);
  });

  it.each([
    ["outward" as const, [], ["from the server"]],
    ["inward" as const, ["from the client"], []],
    ["both" as const, [], []],
  ])("swallows what travels %s into a black hole, and tells nobody", async (direction, atServer, atClient) => {
    const world = new SimWorld({ seed: 1 });
    const { near, far, nearEar, farEar } = await couple(world);
    world.faults.blackHole({ direction });
    near.send("from the client");
    far.send("from the server");
    await world.run(60_000);
    expect([farEar.heard, nearEar.heard]).toEqual([atServer, atClient]);
  });

  it("answers no dial through a black hole until the route is mended, and then the next knock", async () => {
    const { world } = listening();
    world.faults.blackHole({ to: "server" });
    const dial = dialled(world);
    await world.run(2_500);
    expect(dial).toEqual({});
    world.faults.mend();
    await world.run(1_500);
    expect(dial.channel).toBeDefined();
  });

  it("keeps a connection that was in a black hole lost, also when the route is mended", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, farEar } = await couple(world);
    world.faults.blackHole();
    near.send("lost");
    world.faults.mend();
    near.send("after the gap");
    await world.run(60_000);
    expect(farEar.heard).toEqual([]);
  });

  it("gives a dial up after the 127 seconds that Linux knocks", async () => {
    const { world } = listening();
    world.faults.blackHole({ to: "server" });
    const dial = dialled(world);
    await world.run(126_000);
    expect(dial).toEqual({});
    await world.run(1_001);
    expect(dial.error).toMatchObject({ code: "HF_DIAL_FAILED" });
  });

  it("closes by itself when the goodbye is never confirmed", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, nearEar } = await couple(world);
    world.faults.blackHole();
    near.close();
    await world.run(4_999);
    expect(nearEar.heard).toEqual([]);
    await world.run(1);
    expect(nearEar.heard).toEqual(["(lost)"]);
  });

  it("holds everything on a clogged route, and loses nothing", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, far, nearEar, farEar } = await couple(world);
    near.send("one");
    world.faults.clog({ from: "client", time: 10_000 });
    near.send("two");
    far.send("three");
    await world.run(9_999);
    expect([farEar.heard, nearEar.heard]).toEqual([[], []]);
    await world.run(1_000);
    expect([farEar.heard, nearEar.heard]).toEqual([["one", "two"], ["three"]]);
  });

  it("tells clients apart by their names", async () => {
    const { world, accepted } = listening();
    world.faults.blackHole({ from: "bob" });
    const names = ["alice", "bob"];
    for (const name of names) void world.client(name).dial(server, { signal }).catch(() => undefined);
    await world.run(1_000);
    expect(accepted.map(({ remote }) => remote.label)).toEqual(["memory://alice"]);
  });

  it("refuses dials until it admits them, and spares living connections", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, farEar } = await couple(world);
    world.host("server").listen(() => undefined).catch(() => undefined);
    world.faults.refuse("server");
    const refused = dialled(world);
    near.send("still here");
    await world.run(1_000);
    world.faults.admit("server");
    const admitted = dialled(world);
    await world.run(1_000);
    expect([refused.error !== undefined, admitted.channel !== undefined, farEar.heard]).toEqual([true, true, ["still here"]]);
  });

  it("leaves a dial without an answer, for ever", async () => {
    const { world } = listening();
    world.faults.hang("server");
    const dial = dialled(world);
    await world.run(600_000);
    expect(dial).toEqual({});
  });

  it("accepts and says nothing, and the server hears of nobody", async () => {
    const { world, accepted } = listening();
    world.faults.mute("server");
    const dial = dialled(world);
    await world.run(1_000);
    const ear = new Ear(dial.channel as Channel, () => world.clock.now()); // It was accepted.
    dial.channel?.send("anybody there?");
    dial.channel?.ping?.();
    await world.run(60_000);
    expect([ear.heard, accepted]).toEqual([[], []]);
  });
});

describe("hosts", () => {
  it("resets the peers of a program that crashes, and boots it again", async () => {
    const world = new SimWorld({ seed: 1 });
    const boots: number[] = [];
    const host = world.host("server", () => { boots.push(world.clock.now()); });
    const { nearEar, farEar } = await couple(world);
    host.crash();
    await world.run(500);
    expect([nearEar.heard, farEar.heard, host.state]).toEqual([["(lost)"], [], "down"]);
    const refused = dialled(world);
    await world.run(500);
    expect(refused.error).toMatchObject({ code: "HF_DIAL_FAILED" });
    host.restart();
    expect(boots.length).toBe(2);
  });

  it("says nothing when the power is lost, until the machine is back and somebody sends", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, nearEar } = await couple(world);
    world.host("server").crash({ powerLoss: true });
    near.send("is anybody there?");
    const dial = dialled(world);
    await world.run(60_000);
    expect([nearEar.heard, dial]).toEqual([[], {}]);
    world.host("server").restart();
    await world.run(1_000);
    expect(nearEar.heard).toEqual([]);
    near.send("and now?");
    await world.run(1_000);
    expect(nearEar.heard).toEqual(["(lost)"]);
  });

  it("lets the alarms of a crashed program die with it", async () => {
    const world = new SimWorld({ seed: 1 });
    const rung: string[] = [];
    const host = world.host("server");
    host.clock.alarm(world.clock.now() + 100, () => rung.push("old life"));
    host.crash();
    host.restart();
    host.clock.alarm(world.clock.now() + 100, () => rung.push("new life"));
    await world.run(200);
    expect(rung).toEqual(["new life"]);
  });

  it("vanishes as a dialler too", async () => {
    const { world, accepted } = listening();
    const phone = world.host("phone");
    void phone.transport.dial(server, { signal });
    await world.run(1_000);
    const ear = new Ear(accepted[0] as Channel, () => world.clock.now()); // The dial has arrived.
    phone.crash();
    await world.run(1_000);
    expect(ear.heard).toEqual(["(lost)"]);
  });

  it("runs nothing during a pause, then the late alarms, then what arrived, then the turns", async () => {
    const world = new SimWorld({ seed: 1 });
    const { near, far, farEar } = await couple(world);
    const host = world.host("server");
    const log: string[] = [];
    const start = world.clock.now();
    host.clock.alarm(start + 500, () => {
      log.push(`alarm after ${world.clock.now() - start}, heard ${farEar.heard.length}`);
      host.clock.turn(() => log.push(`turn, heard ${farEar.heard.length}`));
    });
    host.pause(3_000);
    near.send("ping");
    await world.run(2_999);
    expect([log, farEar.heard]).toEqual([[], []]);
    await world.run(1);
    expect(log).toEqual(["alarm after 3000, heard 0", "turn, heard 1"]);
    far.send("pong");
    expect(farEar.heard).toEqual(["ping"]);
  });

  it("flaps as often as it is told to", async () => {
    const { world } = listening();
    const boots: number[] = [];
    world.host("flapper", () => { boots.push(world.clock.now() - 1_000); });
    world.faults.flap("flapper", { up: 1_000, down: 500, times: 3 });
    await world.run(60_000);
    expect(boots).toEqual([0, 1_500, 3_000, 4_500]);
  });
});

describe("odds", () => {
  it.each([
    ["refuse", { refuse: 1 }, { error: expect.anything() }, 0],
    ["hang", { hang: 1 }, {}, 0],
    ["mute", { mute: 1 }, { channel: expect.anything() }, 0],
    ["nothing", {}, { channel: expect.anything() }, 1],
  ])("let every dial meet its fate: %s", async (_name, faults, fate, arrivals) => {
    const { world, accepted } = listening(faults);
    const dial = dialled(world);
    await world.run(1_000);
    expect([dial, accepted.length]).toEqual([fate, arrivals]);
  });

  it("cut every connection one day, when the odds are 1", async () => {
    const world = new SimWorld({ seed: 1, faults: { cut: 1, faultAfter: 1_000, noticeMax: 100 } });
    const { nearEar, farEar } = await couple(world);
    await world.run(30_000);
    expect([nearEar.heard, farEar.heard]).toEqual([["(lost)"], ["(lost)"]]);
  });

  it("swallow every connection one day, outward, inward or both, when the odds are 1", async () => {
    const fates = new Set<string>();
    for (let seed = 0; seed < 30; seed += 1) {
      const world = new SimWorld({ seed, faults: { blackHole: 1, faultAfter: 100 } });
      const { near, far, nearEar, farEar } = await couple(world);
      await world.run(5_000);
      near.send("x");
      far.send("x");
      await world.run(5_000);
      fates.add(`${farEar.heard.length} ${nearEar.heard.length}`);
    }
    expect([...fates].sort()).toEqual(["0 0", "0 1", "1 0"]);
  });

  it("crash hosts that boot, and bring them back", async () => {
    const world = new SimWorld({ seed: 1, faults: { crashEvery: 1_000, downMean: 100 } });
    const boots: number[] = [];
    world.host("server", () => { boots.push(1); });
    await world.run(60_000);
    expect(boots.length).toBeGreaterThan(30);
    expect(boots.length).toBeLessThan(80);
  });

  it("clog routes for a while, and lose nothing", async () => {
    const world = new SimWorld({ seed: 1, faults: { clog: 0.2, clogMean: 1_000 } });
    const { near, farEar } = await couple(world);
    const start = world.clock.now();
    const sent = Array.from({ length: 20 }, (_, number) => String(number));
    for (const frame of sent) {
      near.send(frame);
      await world.run(10);
    }
    await world.run(30_000);
    expect(farEar.heard).toEqual(sent);
    expect(farEar.at - start).toBeGreaterThan(1_000);
  });

  it("stop at heal: the same world is quiet from then on", async () => {
    const { world, accepted } = listening({ refuse: 0.5, hang: 0.3, cut: 1, faultAfter: 10, noticeMax: 10, crashEvery: 500, downMean: 50_000 }, 9);
    world.faults.refuse("server");
    world.faults.blackHole();
    await world.run(5_000);
    expect(world.host("server").state).not.toBe("up");
    world.faults.heal();
    const dial = dialled(world);
    await world.run(1_000);
    const ear = new Ear(dial.channel as Channel, () => world.clock.now()); // Nothing can refuse it any more.
    await world.run(120_000);
    expect([ear.heard, accepted.length, world.host("server").state]).toEqual([[], 1, "up"]);
  });

  it.each([
    ["refuse", { refuse: 1.5 }], ["delayMean", { delayMin: 10, delayMean: 5 }], ["refuse, hang and mute", { refuse: 0.5, hang: 0.3, mute: 0.3 }], ["noticeMax", { noticeMax: NaN }],
  ])("that make no sense are refused: %s", (option, faults) => {
    expect(() => new SimWorld({ seed: 1, faults })).toThrow(`faults.${option}`);
  });

  it("of a swarm are legal, and switch every fault on in some worlds and off in others", () => {
    const random = seededRandom(1);
    const swarms = Array.from({ length: 200 }, () => swarmFaults(random));
    for (const [seed, faults] of swarms.entries()) expect(new SimWorld({ seed, faults }).seed).toBe(seed);
    for (const fault of ["refuse", "hang", "mute", "cut", "blackHole", "clog"] as const) {
      const off = swarms.filter((odds) => odds[fault] === 0).length;
      expect(off).toBeGreaterThan(60);
      expect(off).toBeLessThan(140);
    }
  });
});
