import { describe, expect, it } from "vitest";
import { wakeAt } from "../../src/machine/link.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { each, type LinkRow } from "./link-row.ts";
import { close, dialed, fromSource, greeted, held, lost, oneEndpoint, open, resolved, turnOf, twoEndpoints, wake, walk, type Told } from "./walk.ts";

const three: LinkPolicy = { ...twoEndpoints, endpoints: ["a", "b", "c"], stagger: 250 };
const takeover: LinkPolicy = { ...three, reserve: "dialled", handover: "replayed" };
const two: Told[] = [[0, open], [250, wake]];
const dialsB = ["connecting b, attempt 2", "dial #2 [1]"];
const dialsC = ["connecting c, attempt 3", "dial #3 [2]"];
const failed = (endpoint: string, epoch: number, attempt: number, stage = "dialing", cause = "failed"): string[] => [`hang up #${epoch} (abort, ${cause})`, `failed ${endpoint} in ${stage}, attempt ${attempt}`];

const rows: LinkRow[] = [
  { rule: "dials the next endpoint as well when a dial takes longer than the stagger", given: [[0, open]], on: [250, wake], effects: dialsB, stages: ["dialing", "dialing"] },
  { rule: "does so, too, when it is the greeting that takes long", given: [[0, open], [10, dialed(1)]], on: [250, wake], effects: dialsB, stages: ["greeting", "dialing"] },
  { rule: "waits that long", given: [[0, open]], on: [249, wake], stages: ["dialing"] },
  { rule: "dials a third one after another stagger", given: two, on: [500, wake], effects: dialsC, stages: ["dialing", "dialing", "dialing"] },
  { rule: "dials nobody twice in a lap", given: [...two, [500, wake]], on: [750, wake], stages: ["dialing", "dialing", "dialing"] },
  { rule: "does nothing of the kind with a stagger of Infinity", policy: { ...three, stagger: Infinity }, given: [[0, open]], on: [250, wake], stages: ["dialing"] },
  { rule: "has nobody else to dial where there is one endpoint", policy: { ...oneEndpoint, stagger: 250 }, given: [[0, open]], on: [250, wake], stages: ["dialing"] },
  { rule: "has no more channels than it may", policy: { ...three, maxChannels: 2 }, given: two, on: [500, wake], stages: ["dialing", "dialing"] },
  { rule: "asks its source before it does so", policy: { ...fromSource, stagger: 250 }, given: [[0, open], [1, resolved(1, "a", "b")]], on: [251, wake], effects: ["resolve #2"], stages: ["dialing", "resolving"] },
  { rule: "is connected by whoever greets first, and drops the other", given: [...two, [260, dialed(2)]], on: [270, greeted(2)], phase: "connected", effects: ["hang up #1 (abort, failed)", "connected b #2", "flush"], stages: ["active"] },
  { rule: "is connected by the first one, if that is faster after all", given: [...two, [260, dialed(1)]], on: [270, greeted(1)], phase: "connected", effects: ["hang up #2 (abort, failed)", "connected a #1", "flush"], stages: ["active"] },
  { rule: "hears nothing of the other one any more", given: [...two, [270, greeted(2)]], on: [280, greeted(1)], phase: "connected", stages: ["active"] },
  { rule: "dials the next one at once when one fails, and keeps the other", given: two, on: [260, lost(2, "failed")], effects: [...failed("b", 2, 2), ...dialsC], stages: ["dialing", "dialing"] },
  { rule: "does not wait while somebody is on the way", given: [...two, [500, wake], [510, lost(1, "failed")]], on: [520, lost(3, "failed")], effects: failed("c", 3, 3), stages: ["dialing"] },
  { rule: "waits once the last one has failed", given: [...two, [500, wake], [510, lost(1, "failed")], [520, lost(3, "failed")]], on: [530, lost(2, "failed")], phase: "waiting", effects: [...failed("b", 2, 3), "waiting 1000 after attempt 3"], stages: [] },
  { rule: "gives each dial its own time", given: [...two, [500, wake]], on: [5_000, wake], effects: failed("a", 1, 3, "dialing", "timeout"), stages: ["dialing", "dialing"] },
  { rule: "does not give up while somebody is on the way", policy: { ...three, maxInitialAttempts: 2 }, given: two, on: [260, lost(1, "failed")], effects: failed("a", 1, 2), stages: ["dialing"] },
  { rule: "gives up when the last attempt has failed", policy: { ...three, maxInitialAttempts: 2 }, given: [...two, [260, lost(1, "failed")]], on: [270, lost(2, "failed")], phase: "closed", effects: [...failed("b", 2, 2), "closed: exhausted"] },
  { rule: "ends all dials when the user closes", given: two, on: [260, close], phase: "closed", effects: ["hang up #1 (abort, requested)", "hang up #2 (abort, requested)", "closed: requested"] },
  { rule: "lets one greet where that is a takeover, and ends the other dials", policy: takeover, given: two, on: [260, dialed(2)], effects: ["hang up #1 (abort, failed)", "greet #2"], stages: ["greeting"] },
  { rule: "starts no dial while that one greets", policy: takeover, given: [[0, open], [10, dialed(1)]], on: [250, wake], stages: ["greeting"] },
  { rule: "goes on behind the one it was connected to, whoever was dialled after that", policy: { ...twoEndpoints, stagger: 250 }, given: [...two, [270, greeted(1)]], on: [20_020, lost(1)], effects: ["hang up #1 (abort, reset)", "disconnected a #1: reset", "connecting b, attempt 1", "dial #3 [1]"], stages: ["dialing"] },
  { rule: "takes those that were dialled after it, and were slower, for untried", given: [...two, [270, greeted(1)]], on: [300, lost(1)], effects: ["hang up #1 (abort, reset)", "disconnected a #1: reset", "connecting b, attempt 3", "dial #3 [1]"], stages: ["dialing"] },
  { rule: "takes those that were dialled before it for tried", given: [...two, [270, greeted(2)]], on: [300, lost(2)], effects: ["hang up #2 (abort, reset)", "disconnected b #2: reset", "connecting c, attempt 3", "dial #3 [2]"], stages: ["dialing"] },
  { rule: "starts nobody because a dial waits for its turn", given: [[0, open], [0, held(1)]], on: [250, wake], stages: ["dialing"] },
  { rule: "counts the stagger from that turn", given: [[0, open], [0, held(1)], [900, turnOf(1)]], on: [1_150, wake], effects: dialsB, stages: ["dialing", "dialing"] },
  { rule: "goes on to the next one when a loss leaves it with a slow dial", policy: three, given: [[0, open], [20, greeted(1)], [20_020, lost(1)]], on: [20_270, wake], effects: ["connecting c, attempt 2", "dial #3 [2]"], stages: ["dialing", "dialing"] },
];

describe("a link machine with a stagger", () => {
  each(rows, { policy: three, phase: "connecting" });

  it("wants to be woken for the next dial, and then for the first deadline", () => {
    expect([walk(three, [0, open]), walk(three, ...two), walk(three, ...two, [500, wake])].map((state) => wakeAt(three, state))).toEqual([250, 500, 5_000]);
  });
});
