import { describe, expect, it } from "vitest";
import { wakeAt } from "../../src/machine/link.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { linkWords } from "./in-words.ts";
import { each, type LinkRow } from "./link-row.ts";
import { answered, close, dialed, fromSource, greeted, leave, lost, migrate, oneEndpoint, open, proven, resolved, settled, suspected, tell, twoEndpoints, wake, walk, type Told } from "./walk.ts";

const wary: LinkPolicy = { ...twoEndpoints, endpoints: ["a", "b", "c"], suspicion: { suspectMargin: 1_000, timeout: 5_000 } };
const session: LinkPolicy = { ...wary, reserve: "dialled", handover: "replayed" };
const standby: LinkPolicy = { ...wary, spares: 1 };
const up: Told[] = [[0, open], [10, dialed(1)], [20, greeted(1)]];
const doubted: Told[] = [...up, [20_020, suspected(1)]];
const prepares = ["connecting b, attempt 1", "dial #2 [1]"];
const moved: Told[] = [...doubted, [20_030, dialed(2)], [20_040, greeted(2)]];
const toB = ["migrated from a to b #2: suspected", "hang up #1 (close, drained)", "flush"];
const failed = (endpoint: string, epoch: number, attempt: number): string[] => [`hang up #${epoch} (abort, failed)`, `failed ${endpoint} in dialing, attempt ${attempt}`];

const preparing: LinkRow[] = [
  { rule: "dials the next endpoint, and stays where it is", given: up, on: [20_020, suspected(1)], effects: prepares, stages: ["active", "dialing"] },
  { rule: "changes nothing where suspicions are only told", policy: { ...wary, suspicion: undefined }, given: up, on: [20_020, suspected(1)] },
  { rule: "changes nothing where there is no other endpoint", policy: { ...oneEndpoint, suspicion: { suspectMargin: 1_000, timeout: 5_000 } }, given: up, on: [20_020, suspected(1)] },
  { rule: "asks its source first", policy: { ...fromSource, suspicion: { suspectMargin: 1_000, timeout: 5_000 } }, given: [[0, open], [1, resolved(1, "a", "b")], [20, greeted(1)]], on: [20_020, suspected(1)], effects: ["resolve #2"], stages: ["active", "resolving"] },
  { rule: "dials whom the source names, and not where it is", policy: { ...fromSource, suspicion: { suspectMargin: 1_000, timeout: 5_000 } }, given: [[0, open], [1, resolved(1, "a", "b")], [20, greeted(1)], [20_020, suspected(1)]], on: [20_021, resolved(2, "a", "b")], effects: prepares },
  { rule: "tells that channel that it is not in use yet", given: doubted, on: [20_030, dialed(2)], effects: ["greet #2 as a standby"] },
  { rule: "prepares once, however often it hears of it", given: doubted, on: [21_000, suspected(1)], stages: ["active", "dialing"] },
  { rule: "dials the next one where the first one fails", given: doubted, on: [20_030, lost(2, "failed")], effects: [...failed("b", 2, 1), "connecting c, attempt 2", "dial #3 [2]"], stages: ["active", "dialing"] },
  { rule: "waits a backoff once everybody was tried", given: [...doubted, [20_030, lost(2, "failed")]], on: [20_040, lost(3, "failed")], effects: failed("c", 3, 2), stages: ["active"] },
  { rule: "tries them again after that", given: [...doubted, [20_030, lost(2, "failed")], [20_040, lost(3, "failed")]], on: [21_040, wake], effects: ["connecting b, attempt 3", "dial #4 [1]"] },
  { rule: "takes a refusal for good for a failure", given: doubted, on: [20_030, lost(2, "refused", { next: "stop" })], effects: ["hang up #2 (abort, refused)", "failed b in dialing, attempt 1", "connecting c, attempt 2", "dial #3 [2]"] },
];

const deciding: LinkRow[] = [
  { rule: "moves when the other one has greeted and the suspect is still silent", given: [...doubted, [20_030, dialed(2)]], on: [20_040, greeted(2)], effects: toB, stages: ["draining", "active"] },
  { rule: "gives the other one back when the suspect answers first", given: doubted, on: [20_030, answered(1)], effects: ["hang up #2 (abort, drained)"], stages: ["active"] },
  { rule: "stays then", given: [...doubted, [20_030, answered(1)]], on: [20_040, greeted(2)], stages: ["active"] },
  { rule: "makes the one on its way its connection where the suspect is lost first", given: doubted, on: [20_030, lost(1, "heartbeat")], phase: "connecting", effects: ["hang up #1 (abort, heartbeat)", "disconnected a #1: heartbeat"], stages: ["dialing"] },
  { rule: "is connected by it", given: [...doubted, [20_030, lost(1, "heartbeat")], [20_031, dialed(2)]], on: [20_040, greeted(2)], effects: ["connected b #2", "flush"] },
  { rule: "moves the user's way, and at once, where it moves already", given: [...up, [20_000, migrate("c")], [20_020, suspected(1)]], on: [20_030, greeted(2)], effects: ["migrated from a to c #2: requested", "hang up #1 (close, drained)", "flush"] },
  { rule: "waits no longer for what a suspect would have to confirm", given: [...up, [20_000, migrate()], [20_010, greeted(2)]], on: [20_020, suspected(1)], effects: ["migrated from a to b #2: requested", "hang up #1 (close, drained)", "flush"] },
  { rule: "lets the user move with the channel that is being prepared", given: doubted, on: [20_025, migrate()], stages: ["active", "dialing"] },
  { rule: "drops that one where the user names another", given: doubted, on: [20_025, migrate("c")], effects: ["hang up #2 (abort, failed)", "connecting c, attempt 1", "dial #3 [2]"], stages: ["active", "dialing"] },
  { rule: "closes both when the user does", given: doubted, on: [20_030, close], phase: "closed", effects: ["disconnected a #1: requested", "hang up #1 (close, requested)", "hang up #2 (abort, requested)", "closed: requested"] },
];

const ready: Told[] = [...up, [20, dialed(2)], [30, greeted(2)]];
const reserved: LinkRow[] = [
  { rule: "asks the one in reserve whether it is alive", policy: standby, given: ready, on: [20_020, suspected(1)], effects: ["probe #2"], stages: ["active", "spare"] },
  { rule: "moves there when it is", policy: standby, given: [...ready, [20_020, suspected(1)]], on: [20_021, proven(2)], effects: [...toB, "connecting c, attempt 2", "dial #3 [2]"], stages: ["draining", "active", "dialing"] },
  { rule: "keeps it where the suspect answers first", policy: standby, given: [...ready, [20_020, suspected(1)], [20_021, answered(1)]], on: [20_022, proven(2)], stages: ["active", "spare"] },
  { rule: "dials another one where that one is gone, too", policy: standby, given: [...ready, [20_020, suspected(1)]], on: [20_021, lost(2, "heartbeat")], effects: ["hang up #2 (abort, heartbeat)", "failed b in spare, attempt 1"], stages: ["active"] },
  { rule: "only dials where a greeting takes over", policy: session, given: doubted, on: [20_030, dialed(2)], effects: ["prepared b #2"], stages: ["active", "spare"] },
  { rule: "does not greet there as long as the suspect has its chance", policy: session, given: [...doubted, [20_030, dialed(2)]], on: [25_000, suspected(1)], stages: ["active", "spare"] },
  { rule: "greets there at once where the suspect is lost", policy: session, given: [...doubted, [20_030, dialed(2)]], on: [21_000, lost(1, "reset")], phase: "connecting", effects: ["hang up #1 (abort, reset)", "disconnected a #1: reset", "greet #2"], stages: ["greeting"] },
  { rule: "gives it back where the suspect answers", policy: session, given: [...doubted, [20_030, dialed(2)]], on: [21_000, answered(1)], effects: ["hang up #2 (close, drained)"], stages: ["active", "draining"] },
];

const learning: LinkRow[] = [
  { rule: "waits longer before it prepares again after a false alarm", given: [...doubted, [20_030, answered(1)]], on: [30_000, suspected(1)], stages: ["active"] },
  { rule: "prepares when that is over", given: [...doubted, [20_030, answered(1)], [30_000, suspected(1)]], on: [31_000, wake], effects: ["connecting b, attempt 1", "dial #3 [1]"] },
  { rule: "has no second thoughts where the answer comes in that time", given: [...doubted, [20_030, answered(1)], [30_000, suspected(1)]], on: [30_999, answered(1)], stages: ["active"] },
  { rule: "learns from an answer that comes after the move", given: [...moved, [20_050, answered(1)], [40_000, suspected(2)]], on: [40_999, wake], effects: ["hang up #1 (abort, drained)"], stages: ["active"] },
  { rule: "does not move twice within stableAfter", given: [...moved, [20_050, lost(1)]], on: [30_039, suspected(2)], stages: ["active"] },
  { rule: "may move again after that", given: [...moved, [20_050, lost(1)]], on: [30_040, suspected(2)], effects: ["connecting c, attempt 1", "dial #3 [2]"] },
];

describe("a link machine that suspects its peer", () => {
  each([...preparing, ...deciding, ...reserved, ...learning], { policy: wary, phase: "connected" });

  it("doubles the margin at each false alarm, up to the time a ping may take, and never lowers it", () => {
    const alarms: Told[] = [0, 1, 2, 3, 4].flatMap((count): Told[] => [[20_000 + count * 60_000, suspected(1)], [30_000 + count * 60_000, wake], [30_001 + count * 60_000, answered(1)]]);
    const waits = [0, 1, 2, 3, 4].map((count) => {
      const state = walk(wary, ...up, ...alarms.slice(0, 3 * count), [400_000, suspected(1)]);
      return state.phase === "connected" && state.doubt === -Infinity ? 0 : wakeAt(wary, state) - 400_000;
    });
    expect(waits).toEqual([0, 1_000, 3_000, 4_000, 4_000]);
  });

  it("leaves no trace of a suspicion that was wrong but its lesson", () => {
    const before = walk(wary, ...up);
    expect(walk(wary, ...doubted, [20_030, answered(1)])).toEqual({ ...before, epoch: 2, caution: { raised: 1, calm: -Infinity } });
  });

  it.each<[string, readonly Told[], Told]>([
    ["the answer of one that nobody suspects", up, [30, answered(1)]],
    ["a suspicion of somebody else", up, [30, suspected(9)]],
    ["a suspicion before it is connected", [[0, open], [10, dialed(1)]], [30, suspected(1)]],
    ["a sign of life that nobody asked for", ready, [30, proven(2)]],
  ])("stays exactly as it was at %s", (_, given, on) => {
    const before = walk(standby, ...given);
    expect(tell(standby, before, on).state).toBe(before);
  });

  it("waits for a settled peer again once the suspicion is over", () => {
    const step = tell(wary, walk(wary, ...up, [20_000, migrate()], [20_005, suspected(1)], [20_006, answered(1)]), [20_010, greeted(2)]);
    expect(step.effects.map(linkWords)).toEqual(["hold"]);
    expect(tell(wary, step.state, [20_011, settled(1)]).state).toMatchObject({ phase: "connected" });
  });

  it("goes where its peer sent it with the channel it has prepared", () => {
    const step = tell(wary, walk(wary, ...doubted, [20_025, leave(1, 1_000, 0)]), [20_025, wake]);
    expect("slots" in step.state && step.state.slots.map(({ stage }) => stage)).toEqual(["leaving", "dialing"]);
  });
});
