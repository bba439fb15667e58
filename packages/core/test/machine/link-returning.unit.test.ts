import { describe, expect, it } from "vitest";
import { wakeAt } from "../../src/machine/link.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { each, type LinkRow } from "./link-row.ts";
import { dialed, greeted, lost, migrate, open, proven, settled, suspected, twoEndpoints, wake, walk, type Told } from "./walk.ts";

const loyal: LinkPolicy = { ...twoEndpoints, endpoints: ["a", "b", "c"], priority: { endpoints: ["a"], probes: 3, within: 9_000 } };
const session: LinkPolicy = { ...loyal, reserve: "dialled", handover: "replayed" };
/** On b, since a refused. */
const away: Told[] = [[0, open], [10, lost(1, "failed")], [20, greeted(2)]];
/** a is back, and on probation since second 1. */
const back: Told[] = [...away, [30, dialed(3)], [1_000, greeted(3)]];
const probed = (count: number): Told[] => Array.from({ length: count }, (_, at): Told[] => [[1_000 + 3_000 * (at + 1), wake], [1_010 + 3_000 * (at + 1), proven(3)]]).flat();
const dialsA = (attempt: number, epoch: number): string[] => [`connecting a, attempt ${attempt}`, `dial #${epoch} [0]`];

const rows: LinkRow[] = [
  { rule: "dials its primary as soon as it is connected elsewhere", given: away.slice(0, 2), on: [20, greeted(2)], effects: ["connected b #2", "flush", ...dialsA(1, 3)], stages: ["active", "dialing"] },
  { rule: "has no reason to where it is on the primary", given: [[0, open]], on: [20, greeted(1)], phase: "connected", effects: ["connected a #1", "flush"], stages: ["active"] },
  { rule: "dials no other endpoint for that", given: away, on: [30, lost(3, "failed")], effects: ["hang up #3 (abort, failed)", "failed a in dialing, attempt 1"], stages: ["active"] },
  { rule: "tries the primary again after a backoff", given: [...away, [30, lost(3, "failed")]], on: [1_030, wake], effects: dialsA(2, 4) },
  { rule: "does not go back as soon as it can", given: [...away, [30, dialed(3)]], on: [1_000, greeted(3)], effects: ["prepared a #3"], stages: ["active", "spare"] },
  { rule: "asks for the first sign of life after its share of the time", given: back, on: [4_000, wake], effects: ["probe #3"] },
  { rule: "waits for all of them", given: [...back, ...probed(2)], on: [9_999, wake], stages: ["active", "spare"] },
  { rule: "moves to the primary at the last one, as in any move", given: [...back, ...probed(2), [10_000, wake]], on: [10_010, proven(3)], effects: ["hold"], stages: ["active", "standby"] },
  { rule: "is there when everything sent is confirmed", given: [...back, ...probed(3)], on: [10_020, settled(2)], effects: ["migrated from b to a #3: priority", "hang up #2 (close, drained)", "flush"], stages: ["draining", "active"] },
  { rule: "begins again where the primary owes an answer", given: [...back, ...probed(2), [10_000, wake]], on: [13_000, wake], effects: ["hang up #3 (abort, timeout)", "failed a in spare, attempt 1"], stages: ["active"] },
  { rule: "begins again where the primary ends", given: [...back, ...probed(2)], on: [8_000, lost(3, "closed")], effects: ["hang up #3 (abort, closed)", "failed a in spare, attempt 1"], stages: ["active"] },
  { rule: "goes there all the same when the channel in use is lost", given: [...back, ...probed(1)], on: [5_000, lost(2)], effects: ["hang up #2 (abort, reset)", "disconnected b #2: reset", "connected a #3", "flush"], stages: ["active"] },
  { rule: "goes there all the same when the user wants to be elsewhere", given: [...back, ...probed(1)], on: [5_000, migrate()], effects: ["hold"] },
  { rule: "goes there all the same, once it has shown that it lives, when the channel in use is suspected", policy: { ...loyal, suspicion: { suspectMargin: 1_000, timeout: 5_000 } }, given: [...back, [2_000, suspected(2)]], on: [2_010, proven(3)], effects: ["migrated from b to a #3: suspected", "hang up #2 (close, drained)", "flush"] },
  { rule: "does not count that sign of life as more than one", policy: { ...loyal, priority: { endpoints: ["a"], probes: 1, within: 9_000 }, suspicion: { suspectMargin: 1_000, timeout: 5_000 } }, given: back, on: [5_000, proven(3)], stages: ["active", "spare"] },
  { rule: "waits until a move of the user is done", given: [...back, ...probed(2), [8_000, migrate("c")], [10_000, wake]], on: [10_010, proven(3)], stages: ["active", "spare", "dialing"] },
  { rule: "returns after that move", given: [...back, ...probed(2), [8_000, migrate("c")], [10_000, wake], [10_010, proven(3)], [10_020, lost(4, "failed")]], on: [13_000, wake], effects: ["hold"] },
  { rule: "stays where the primary fails in the last moment, and waits before it tries again", given: [...back, ...probed(3)], on: [10_020, lost(3, "closed")], effects: ["hang up #3 (abort, closed)", "failed a in standby, attempt 0", "release"], stages: ["active"] },
  { rule: "holds the channel open without a greeting where that would be a takeover", policy: session, given: away, on: [1_000, dialed(3)], effects: ["prepared a #3"], stages: ["active", "spare"] },
  { rule: "greets there when the time is over", policy: session, given: [...away, [1_000, dialed(3)], ...probed(2), [10_000, wake]], on: [10_000, proven(3)], effects: ["greet #3"], stages: ["active", "greeting"] },
  { rule: "is there once it is greeted", policy: session, given: [...away, [1_000, dialed(3)], ...probed(3)], on: [10_020, greeted(3)], effects: ["migrated from b to a #3: priority", "hang up #2 (close, drained)", "flush"] },
  { rule: "keeps the primary for its reserve, too", policy: { ...loyal, spares: 1 }, given: [...away, [1_000, greeted(3)]], on: [1_001, wake], stages: ["active", "spare"] },
  { rule: "keeps one to the primary over and above a reserve that is elsewhere", policy: { ...loyal, spares: 1 }, given: [...away, [30, lost(3, "failed")], [40, greeted(4)]], on: [1_040, wake], effects: dialsA(3, 5), stages: ["active", "spare", "dialing"] },
  { rule: "gives the one elsewhere back when the primary is ready", policy: { ...loyal, spares: 1 }, given: [...away, [30, lost(3, "failed")], [40, greeted(4)], [1_040, wake]], on: [1_050, greeted(5)], effects: ["prepared a #5", "hang up #4 (close, drained)"], stages: ["active", "draining", "spare"] },
];

describe("a link machine that would rather be on its primary", () => {
  each(rows, { policy: loyal, phase: "connected" });

  it("wants to be woken for the next sign of life, and never once it is home", () => {
    const home = walk(loyal, ...back, ...probed(3), [10_020, settled(2)], [10_030, lost(2, "closed")], [11_010, wake]);
    expect([wakeAt(loyal, walk(loyal, ...back)), wakeAt(loyal, home)]).toEqual([4_000, Infinity]);
  });
});
