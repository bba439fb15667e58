import { describe, expect, it } from "vitest";
import { wakeAt } from "../../src/machine/link.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { each, type LinkRow } from "./link-row.ts";
import { abort, close, dialed, fromSource, greeted, leave, lost, migrate, oneEndpoint, open, resolved, settled, tell, twoEndpoints, wake, walk, type Told } from "./walk.ts";

const one: LinkPolicy = { ...twoEndpoints, endpoints: ["a", "b", "c"], spares: 1 };
const two: LinkPolicy = { ...one, spares: 2 };
const takeover: LinkPolicy = { ...one, reserve: "dialled", handover: "none" };
const up: Told[] = [[0, open], [10, dialed(1)], [20, greeted(1)]];
const ready: Told[] = [...up, [30, dialed(2)], [40, greeted(2)]];
const dialsB = ["connecting b, attempt 1", "dial #2 [1]"];
const dialsC = ["connecting c, attempt 2", "dial #3 [2]"];
const gone = (cause = "reset"): string[] => [`hang up #1 (abort, ${cause})`, `disconnected a #1: ${cause}`];

const filling: LinkRow[] = [
  { rule: "dials another endpoint as soon as it is connected", given: [[0, open], [10, dialed(1)]], on: [20, greeted(1)], effects: ["connected a #1", "flush", ...dialsB], stages: ["active", "dialing"] },
  { rule: "dials nobody in reserve before", given: [[0, open]], on: [10, dialed(1)], phase: "connecting", effects: ["greet #1"], stages: ["greeting"] },
  { rule: "has it ready once it has greeted", given: [...up, [30, dialed(2)]], on: [40, greeted(2)], effects: ["prepared b #2"], stages: ["active", "spare"] },
  { rule: "only dials where a greeting is a takeover", policy: takeover, given: up, on: [30, dialed(2)], effects: ["prepared b #2"], stages: ["active", "spare"] },
  { rule: "dials the next one as long as one is missing", policy: two, given: [...up, [30, dialed(2)]], on: [40, greeted(2)], effects: ["prepared b #2", ...dialsC], stages: ["active", "spare", "dialing"] },
  { rule: "keeps no second channel to one endpoint", policy: { ...two, endpoints: ["a", "b"] }, given: up, on: [40, greeted(2)], effects: ["prepared b #2"], stages: ["active", "spare"] },
  { rule: "has nobody to keep in reserve where there is one endpoint", policy: { ...oneEndpoint, spares: 1 }, given: [[0, open], [10, dialed(1)]], on: [20, greeted(1)], effects: ["connected a #1", "flush"] },
  { rule: "has no more channels than it may", policy: { ...two, maxChannels: 2 }, given: up, on: [40, greeted(2)], effects: ["prepared b #2"], stages: ["active", "spare"] },
  { rule: "asks its source whom to keep in reserve", policy: { ...fromSource, spares: 1 }, given: [[0, open], [1, resolved(1, "a", "b")]], on: [20, greeted(1)], effects: ["connected a #1", "flush", "resolve #2"] },
  { rule: "dials the next one where one fails", given: up, on: [30, lost(2, "failed")], effects: ["hang up #2 (abort, failed)", "failed b in dialing, attempt 1", ...dialsC] },
  { rule: "gives up one that does not greet in the time of a dial", given: [...up, [30, dialed(2)]], on: [5_020, wake], effects: ["hang up #2 (abort, timeout)", "failed b in greeting, attempt 1", ...dialsC] },
  { rule: "waits a backoff once everybody was tried", given: [...up, [30, lost(2)]], on: [40, lost(3, "failed")], effects: ["hang up #3 (abort, failed)", "failed c in dialing, attempt 2"], stages: ["active"] },
  { rule: "replaces one that is lost, after a backoff", given: ready, on: [60_000, lost(2)], effects: ["hang up #2 (abort, reset)", "failed b in spare, attempt 1"], stages: ["active"] },
  { rule: "does so then", given: [...ready, [60_000, lost(2)]], on: [61_000, wake], effects: dialsC.map((word) => word.replace("attempt 2", "attempt 2")) },
  { rule: "leaves one alone that asks to be left", given: ready, on: [60_000, leave(2, 3_000, 0)], effects: ["hang up #2 (abort, drained)", "failed b in spare, attempt 1"], stages: ["active"] },
];

const taking: LinkRow[] = [
  { rule: "is connected again in the step of the loss", given: ready, on: [60_000, lost(1)], effects: [...gone(), "connected b #2", "flush"], stages: ["active"] },
  { rule: "fills its reserve again after a backoff", given: [...ready, [60_000, lost(1)]], on: [61_000, wake], effects: ["connecting c, attempt 1", "dial #3 [2]"], stages: ["active", "dialing"] },
  { rule: "greets in the step of the loss where it only dialled", policy: takeover, given: [...up, [30, dialed(2)]], on: [60_000, lost(1)], phase: "connecting", effects: [...gone(), "greet #2"], stages: ["greeting"] },
  { rule: "goes on along its list where that fails", policy: takeover, given: [...up, [30, dialed(2)], [60_000, lost(1)]], on: [60_010, lost(2, "closed")], phase: "connecting", effects: ["hang up #2 (abort, closed)", "failed b in greeting, attempt 0", "connecting c, attempt 1", "dial #3 [2]"] },
  { rule: "takes the next one in reserve first", policy: { ...takeover, spares: 2 }, given: [...up, [30, dialed(2)], [40, dialed(3)], [60_000, lost(1)]], on: [60_010, lost(2, "closed")], phase: "connecting", effects: ["hang up #2 (abort, closed)", "failed b in greeting, attempt 0", "greet #3"] },
  { rule: "makes the one on its way its connection where none is ready", given: up, on: [60_000, lost(1)], phase: "connecting", effects: gone(), stages: ["dialing"] },
  { rule: "goes to the one in reserve where its peer asks it to leave and a second greeting is a takeover", policy: takeover, given: [...up, [30, dialed(2)], [60_000, leave(1, 1_000, 0)]], on: [60_000, wake], phase: "connecting", effects: ["disconnected a #1: drained", "hang up #1 (close, drained)", "greet #2"] },
  { rule: "uses the reserve also where there are 0 attempts: nothing is dialled", policy: { ...one, maxAttempts: 0 }, given: ready, on: [60_000, lost(1)], effects: [...gone(), "connected b #2", "flush"] },
  { rule: "stops for good where the peer says so", given: ready, on: [60_000, lost(1, "refused", { next: "stop" })], phase: "closed", effects: [...gone("refused"), "hang up #2 (abort, requested)", "closed: refused"] },
  { rule: "closes what is in reserve politely", given: ready, on: [60_000, close], phase: "closed", effects: ["disconnected a #1: requested", "hang up #1 (close, requested)", "hang up #2 (close, requested)", "closed: requested"] },
  { rule: "drops it when the user aborts", given: ready, on: [60_000, abort], phase: "closed", effects: ["disconnected a #1: requested", "hang up #1 (abort, requested)", "hang up #2 (abort, requested)", "closed: requested"] },
];

const moving: LinkRow[] = [
  { rule: "moves to the one in reserve, without a dial", given: ready, on: [60_000, migrate()], effects: ["hold"], stages: ["active", "standby"] },
  { rule: "changes when everything is confirmed, and fills its reserve", given: [...ready, [60_000, migrate()]], on: [60_010, settled(1)], effects: ["migrated from a to b #2: requested", "hang up #1 (close, drained)", "flush", "connecting c, attempt 2", "dial #3 [2]"], stages: ["draining", "active", "dialing"] },
  { rule: "dials the one that the user names", given: ready, on: [60_000, migrate("c")], effects: ["connecting c, attempt 1", "dial #3 [2]"], stages: ["active", "spare", "dialing"] },
  { rule: "makes room for that one with its reserve", policy: { ...one, maxChannels: 2 }, given: ready, on: [60_000, migrate("c")], effects: ["hang up #2 (abort, drained)", "connecting c, attempt 1", "dial #3 [2]"], stages: ["active", "dialing"] },
  { rule: "moves to the one in reserve when its peer asks it to leave", given: [...ready, [60_000, leave(1, 1_000, 0)]], on: [60_000, wake], effects: ["hold"], stages: ["leaving", "standby"] },
  { rule: "takes the one in reserve where the old channel is lost while another one is dialled", given: [...ready, [60_000, migrate("c")]], on: [60_010, lost(1)], effects: [...gone(), "hang up #3 (abort, failed)", "connected b #2", "flush"], stages: ["active"] },
];

describe("a link machine with a reserve", () => {
  each([...filling, ...taking, ...moving], { policy: one, phase: "connected" });

  it("wants to be woken when the reserve is to be filled, and not at all once it is", () => {
    expect([wakeAt(one, walk(one, ...ready)), wakeAt(one, walk(one, ...ready, [60_000, lost(2)]))]).toEqual([Infinity, 61_000]);
  });

  it("dials servers that accept and drop, in use and in reserve, ever more slowly", () => {
    const policy: LinkPolicy = { ...one, endpoints: ["a", "b"], backoff: { delay: (lap) => Math.min(30_000, 250 * 2 ** (lap - 1)) } };
    let state = walk(policy, [0, open]);
    let now = 0;
    let dials = 1;
    for (let step = 0; step < 10_000 && now < 60_000; step += 1) {
      const slot = "slots" in state ? state.slots.find(({ stage }) => stage === "dialing" || stage === "spare" || stage === "active") : undefined;
      const [at, event]: Told = slot === undefined ? [wakeAt(policy, state), wake] : [now + 1, slot.stage === "dialing" ? greeted(slot.epoch) : lost(slot.epoch, "closed")];
      now = Math.max(now, at);
      const told = tell(policy, state, [now, event]);
      state = told.state;
      dials += told.effects.filter(({ type }) => type === "dial").length;
    }
    expect(now).toBeGreaterThanOrEqual(60_000);
    expect(dials).toBeLessThan(60);
  });
});
