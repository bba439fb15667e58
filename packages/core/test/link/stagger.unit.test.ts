import { describe, expect, it } from "vitest";
import { resolveLinkOptions, type LinkOptions } from "../../src/link/options.ts";
import { OptionError } from "../../src/errors/option-error.ts";
import { text } from "../../src/protocol/plain.ts";
import { rig } from "./rig.ts";
import { FakeTransport } from "./fake-transport.ts";

const three = "fake://a,fake://b,fake://c";
const stagger = (more: Partial<LinkOptions<string, string>>): number => resolveLinkOptions<string, string>({ endpoints: three, transports: [new FakeTransport()], protocol: text(), heartbeat: false, ...more }).policy.stagger;

describe("a stagger", () => {
  it("keeps a black hole at the head of the list from costing more than itself", async () => {
    const { link, transport, clock, accept, told } = rig({ endpoints: three });
    const opened = link.open();
    await clock.advanceAsync(250);
    expect(transport.dials.map(({ endpoint }) => endpoint.host)).toEqual(["a", "b"]);
    const channel = await accept();
    await opened;
    expect(told).toEqual(["connecting a attempt 1", "connecting b attempt 2", "connected b"]);
    expect([transport.dials[0]?.signal.aborted, link.endpoint, transport.open]).toEqual([true, "fake://b", [channel]]);
    expect(clock.now()).toBe(250);
  });

  it("leaves no channel behind where both answer in the same moment", async () => {
    const { link, transport, clock, settle } = rig({ endpoints: three });
    void link.open();
    await clock.advanceAsync(250);
    for (const dial of transport.dials) dial.accept();
    await settle();
    expect([link.phase, transport.open.length, link.snapshot().slots.length]).toEqual(["connected", 1, 1]);
  });

  it("starts once per stagger until everybody was tried, and gives each the time of a dial", async () => {
    const { link, transport, clock, told } = rig({ endpoints: three, stagger: 100, dialTimeout: 1_000 });
    void link.open();
    await clock.advanceAsync(999);
    expect(told).toEqual(["connecting a attempt 1", "connecting b attempt 2", "connecting c attempt 3"]);
    await clock.advanceAsync(201);
    expect(told.slice(3)).toEqual(["failed a attempt 3 HF_DIAL_TIMEOUT", "failed b attempt 3 HF_DIAL_TIMEOUT", "failed c attempt 3 HF_DIAL_TIMEOUT", "waiting attempt 3 delay 1000"]);
    expect(transport.dials.every(({ signal }) => signal.aborted)).toBe(true);
    link.abort();
  });

  it.each<[string, Partial<LinkOptions<string, string>>, number]>([
    ["250 ms by default", {}, 250],
    ["as long as it is asked to be", { stagger: 40 }, 40],
    ["endless where it is switched off", { stagger: Infinity }, Infinity],
    ["endless where a greeting takes over", { protocol: { ...text(), standby: "dialled" } }, Infinity],
    ["endless where there can be no second channel", { protocol: { ...text(), standby: "none" } }, Infinity],
    ["250 ms, for dials alone, where a takeover is replayed", { protocol: { ...text(), standby: "dialled", replays: true } }, 250],
  ])("is %s", (_, more, expected) => {
    expect(stagger(more)).toBe(expected);
  });

  it.each([0, -1, Number.NaN])("cannot be %d", (given) => {
    expect(() => stagger({ stagger: given })).toThrow(OptionError);
  });
});
