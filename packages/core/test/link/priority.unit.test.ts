import { SimWorld } from "@holdfast/testkit";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/errors/option-error.ts";
import { LinkError } from "../../src/errors/link-error.ts";
import { Link } from "../../src/link/link.ts";
import { resolveLinkOptions, type LinkOptions, type LinkSettings } from "../../src/link/options.ts";
import { exponential } from "../../src/policy/backoff.ts";
import type { Channel, Frame } from "../../src/ports/channel.ts";
import { framed } from "../../src/protocol/framed.ts";
import { text } from "../../src/protocol/plain.ts";
import { Wire } from "../../src/wire/wire.ts";
import { FakeTransport } from "./fake-transport.ts";
import { rig } from "./rig.ts";

const base = { endpoints: "fake://a,fake://b,fake://c", transports: [new FakeTransport()], protocol: text(), heartbeat: false } as const;
const resolved = (more: Partial<LinkOptions<string, string>>): LinkSettings<string, string> => resolveLinkOptions<string, string>({ ...base, ...more });
const refusal = (more: Partial<LinkOptions<string, string>>): string => {
  try {
    resolved(more);
  } catch (error) {
    if (error instanceof OptionError) return error.message;
  }
  return "nothing was refused";
};

describe("priority", () => {
  it("goes back to the first of the list after 3 signs of life in 10 s, by a move", async () => {
    const { link, transport, clock, accept, told } = rig({ priority: {} });
    void link.open();
    transport.last.refuse();
    await clock.advanceAsync(0);
    await accept(); // b
    await clock.advanceAsync(1_000);
    await accept(); // a
    await clock.advanceAsync(9_999);
    expect(link.endpoint).toBe("fake://b");
    await clock.advanceAsync(2);
    expect(link.endpoint).toBe("fake://a");
    expect(told.filter((word) => /^(prepared|migrated|disconnected)/.test(word))).toEqual(["prepared a", "migrated priority from fake://b to fake://a"]);
  });

  it.each<[string, LinkOptions<string, string>["priority"], object]>([
    ["the first of the list, 3 probes, 10 s", {}, { endpoints: ["fake://a"], probes: 3, within: 10_000 }],
    ["whatever is given", { endpoints: ["fake://c", "fake://b"], probes: 1, within: 50 }, { endpoints: ["fake://c", "fake://b"], probes: 1, within: 50 }],
  ])("is %s", (_, priority, expected) => {
    expect(resolved({ ...(priority && { priority }) }).policy.priority).toEqual(expected);
  });

  it("dials primaries first, however the list is shuffled", () => {
    const order = (more: Partial<LinkOptions<string, string>>): string => resolved({ random: () => 0, ...more }).endpoints.map(({ host }) => host).join("");
    expect([order({}), order({ priority: {} }), order({ priority: { endpoints: ["fake://c", "fake://a"] } })]).toEqual(["bca", "abc", "cab"]);
    expect(resolved({ random: () => 0, priority: {} }).policy.endpoints).toEqual(["fake://a", "fake://b", "fake://c"]);
  });

  it("is refused where it cannot work", () => {
    expect(refusal({ priority: { endpoints: ["fake://z"] } })).toMatch(/priority\.endpoints must be members of the list/);
    expect(refusal({ priority: { probes: 0 } })).toMatch(/priority\.probes must be a number of at least 1/);
    expect(refusal({ priority: { within: 0 } })).toMatch(/priority\.within must be a number of milliseconds greater than 0/);
    expect(refusal({ priority: {}, endpoints: { list: () => [] } })).toMatch(/priority\.endpoints must be given/);
    expect(refusal({ priority: {}, protocol: { ...text(), standby: "dialled" } })).toMatch(/priority must be left out here/);
    expect(refusal({ priority: {}, protocol: { ...text(), standby: "none" } })).toMatch(/priority must be left out here/);
  });
});

/** A server that can be taken down and up. */
class Flapping {
  up = true;
  readonly #wires = new Set<Wire<Frame, Frame>>();

  serve(world: SimWorld, channel: Channel): void {
    const { clock, random } = world;
    if (!this.up) return channel.abort(new LinkError("HF_RESET", "down"));
    const protocol = framed();
    const role = { side: "listener", duty: "active", epoch: 1, remote: channel.remote, clock, random } as const;
    const owner = { greeted: () => undefined, message: () => undefined, wireDrained: () => undefined, missed: () => undefined, suspected: () => undefined, leave: () => undefined, ended: () => undefined };
    const wire = new Wire<Frame, Frame>({ channel, protocol, role, heartbeat: undefined, clock, random, owner });
    this.#wires.add(wire);
    wire.start(protocol, role);
  }

  flap(): void {
    this.up = !this.up;
    if (this.up) return;
    for (const wire of this.#wires) wire.abort(new LinkError("HF_RESET", "down"));
    this.#wires.clear();
  }
}

describe("a link with a primary that flaps every 2 s for 2 min", () => {
  it.each([1, 2, 3, 4, 5])("moves at most twice, and is home soon after it is well again (seed %d)", async (seed) => {
    const world = new SimWorld({ seed, faults: { delayMin: 1, delayMean: 5 } });
    const [primary, other] = [new Flapping(), new Flapping()];
    world.host("a", (host) => { void host.listen((channel) => { primary.serve(world, channel); }); });
    world.host("b", (host) => { void host.listen((channel) => { other.serve(world, channel); }); });
    let [moves, dials] = [0, 0];
    const link = new Link<Frame, Frame>({ endpoints: "memory://a,memory://b", transports: [world.transport], protocol: framed(), priority: {}, backoff: exponential(), logger: false, clock: world.clock, random: world.random });
    link.on("migrated", () => { moves += 1; });
    link.on("connecting", () => { dials += 1; });
    void link.open();
    for (let time = 0; time < 120_000; time += 2_000) {
      await world.run(2_000);
      primary.flap();
    }
    expect(moves).toBeLessThanOrEqual(2);
    expect(dials).toBeLessThan(60);
    expect(link.endpoint).toBe("memory://b");
    if (!primary.up) primary.flap();
    await world.run(45_000); // The longest backoff, and the probes.
    expect(link.endpoint).toBe("memory://a");
    link.abort();
    await world.run(10_000);
  });
});
