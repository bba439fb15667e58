import { describe, expect, it } from "vitest";
import { wakeAt } from "../../src/machine/link.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { linkWords } from "./in-words.ts";
import { each, type LinkRow } from "./link-row.ts";
import { abort, close, dialed, fromSource, greeted, held, leave, lost, oneEndpoint, open, resolved, retryNow, tell, turnOf, twoEndpoints, wake, walk, type Told } from "./walk.ts";

type Row = LinkRow & Required<Pick<LinkRow, "phase">>;
const dialsA = ["connecting a, attempt 1", "dial #1 [0]"];
const dialsB = ["connecting b, attempt 2", "dial #2 [1]"];
const both: Told[] = [[0, open], [10, lost(1, "failed")]];
const lap: Told[] = [...both, [20, lost(2, "failed")]];
const up: Told[] = [[0, open], [10, dialed(1)], [20, greeted(1)]];

const opening: Row[] = [
  { rule: "does nothing until it is opened", given: [], on: [0, wake], phase: "idle" },
  { rule: "has nothing to retry before it is opened", given: [], on: [0, retryNow], phase: "idle" },
  { rule: "dials the first endpoint when it is opened", given: [], on: [0, open], phase: "connecting", effects: dialsA },
  { rule: "asks a source for the list first", policy: fromSource, given: [], on: [0, open], phase: "connecting", effects: ["resolve #1"] },
  { rule: "dials the first endpoint of the list that the source gave", policy: fromSource, given: [[0, open]], on: [5, resolved(1, "x", "y")], phase: "connecting", effects: ["connecting x, attempt 1", "dial #1 [0]"] },
  { rule: "is not opened twice", given: [[0, open]], on: [1, open], phase: "connecting" },
  { rule: "closes at once where it never was opened", given: [], on: [0, close], phase: "closed", effects: ["closed: requested"] },
];

const greeting: Row[] = [
  { rule: "greets once a channel is there, and waits for the answer", given: [[0, open]], on: [10, dialed(1)], phase: "connecting", effects: ["greet #1"] },
  { rule: "is connected when the peer has greeted, and lets the waiting messages go", given: [[0, open], [10, dialed(1)]], on: [20, greeted(1)], phase: "connected", effects: ["connected a #1", "flush"] },
  { rule: "is not greeted twice", given: up, on: [30, greeted(1)], phase: "connected" },
  { rule: "is not dialled twice", given: up, on: [30, dialed(1)], phase: "connected" },
  { rule: "takes no list while it dials", policy: fromSource, given: [[0, open], [1, resolved(1, "x")]], on: [2, resolved(1, "y")], phase: "connecting" },
  { rule: "has no reason to retry while it dials", given: [[0, open]], on: [1, retryNow], phase: "connecting" },
  { rule: "has no reason to retry while it is connected", given: up, on: [30, retryNow], phase: "connected" },
];

const failing: Row[] = [
  { rule: "dials the next endpoint at once after a failure", given: [[0, open]], on: [10, lost(1, "failed")], phase: "connecting", effects: ["hang up #1 (abort, failed)", "failed a in dialing, attempt 1", ...dialsB] },
  { rule: "waits once every endpoint was tried", given: both, on: [20, lost(2, "failed")], phase: "waiting", effects: ["hang up #2 (abort, failed)", "failed b in dialing, attempt 2", "waiting 1000 after attempt 2"] },
  { rule: "sleeps until the wait is over", given: lap, on: [1_019, wake], phase: "waiting" },
  { rule: "starts the next lap after the wait", given: lap, on: [1_020, wake], phase: "connecting", effects: ["connecting a, attempt 3", "dial #3 [0]"] },
  { rule: "dials now, not after the wait, when it is told that the network is back", given: lap, on: [500, retryNow], phase: "connecting", effects: ["connecting a, attempt 3", "dial #3 [0]"] },
  { rule: "waits longer after each lap", given: [...lap, [1_020, wake], [1_030, lost(3, "failed")]], on: [1_040, lost(4, "failed")], phase: "waiting", effects: ["hang up #4 (abort, failed)", "failed b in dialing, attempt 4", "waiting 2000 after attempt 4"] },
  { rule: "gives up a dial that has no answer in time", given: [[0, open]], on: [5_000, wake], phase: "connecting", effects: ["hang up #1 (abort, timeout)", "failed a in dialing, attempt 1", ...dialsB] },
  { rule: "gives up a greeting that does not come in the time of its dial", given: [[0, open], [4_000, dialed(1)]], on: [5_000, wake], phase: "connecting", effects: ["hang up #1 (abort, timeout)", "failed a in greeting, attempt 1", ...dialsB] },
  { rule: "does not give up a moment earlier", given: [[0, open], [4_000, dialed(1)]], on: [4_999, wake], phase: "connecting" },
  { rule: "gives up a source that gives no list in time, and waits", policy: fromSource, given: [[0, open]], on: [5_000, wake], phase: "waiting", effects: ["hang up #1 (abort, timeout)", "failed source in resolving, attempt 1", "waiting 1000 after attempt 1"] },
  { rule: "waits when the source fails: there is nobody to dial", policy: fromSource, given: [[0, open]], on: [5, lost(1, "failed")], phase: "waiting", effects: ["hang up #1 (abort, failed)", "failed source in resolving, attempt 1", "waiting 1000 after attempt 1"] },
  { rule: "takes an empty list for a failure of its source", policy: fromSource, given: [[0, open]], on: [5, resolved(1)], phase: "waiting", effects: ["hang up #1 (abort, failed)", "failed source in resolving, attempt 1", "waiting 1000 after attempt 1"] },
  { rule: "asks the source again before each dial", policy: fromSource, given: [[0, open], [5, resolved(1, "x", "y")]], on: [10, lost(1, "failed")], phase: "connecting", effects: ["hang up #1 (abort, failed)", "failed x in dialing, attempt 1", "resolve #2"] },
];

const refusing: Row[] = [
  { rule: "stops for good where a peer refuses for good", given: [[0, open], [10, dialed(1)]], on: [20, lost(1, "refused", { next: "stop" })], phase: "closed", effects: ["hang up #1 (abort, refused)", "failed a in greeting, attempt 1", "closed: refused"] },
  { rule: "goes on to the next where a peer sends us elsewhere", given: [[0, open]], on: [20, lost(1, "refused", { next: "elsewhere" })], phase: "connecting", effects: ["hang up #1 (abort, refused)", "failed a in dialing, attempt 1", ...dialsB] },
  { rule: "leaves an endpoint alone as long as it asks", policy: oneEndpoint, given: [[0, open]], on: [10, lost(1, "refused", { retryAfter: 30_000 })], phase: "waiting", effects: ["hang up #1 (abort, refused)", "failed a in dialing, attempt 1", "waiting 31000 after attempt 1"] },
  { rule: "dials the others meanwhile", given: [[0, open], [10, lost(1, "refused", { retryAfter: 30_000 })], [20, lost(2, "failed")]], on: [1_020, wake], phase: "connecting", effects: ["connecting b, attempt 3", "dial #3 [1]"] },
  { rule: "does not break that pause when it is told to retry, but waits no longer than it lasts", policy: oneEndpoint, given: [[0, open], [10, lost(1, "refused", { retryAfter: 30_000 })]], on: [500, retryNow], phase: "waiting", effects: ["waiting 29510 after attempt 1"] },
  { rule: "has nothing to dial where all of a fresh list asked for a pause", policy: fromSource, given: [[0, open], [1, resolved(1, "x")], [2, lost(1, "refused", { retryAfter: 30_000 })], [31_002, wake]], on: [31_003, resolved(2, "x")], phase: "connecting", effects: ["connecting x, attempt 2", "dial #2 [0]"] },
  { rule: "waits out that pause, then asks the source again", policy: fromSource, given: [[0, open], [1, resolved(1, "x")], [2, lost(1, "refused", { retryAfter: 30_000 })], [100, retryNow]], on: [200, resolved(2, "x")], phase: "waiting", effects: ["waiting 29802 after attempt 1"] },
];

const queued: Row[] = [
  { rule: "gives a dial that waits for its turn all the time it needs", given: [[0, open], [0, held(1)]], on: [600_000, wake], phase: "connecting" },
  { rule: "counts the deadline of a dial from its turn", given: [[0, open], [0, held(1)], [600_000, turnOf(1)]], on: [605_000, wake], phase: "connecting", effects: ["hang up #1 (abort, timeout)", "failed a in dialing, attempt 1", ...dialsB] },
  { rule: "does not count it from a moment earlier", given: [[0, open], [0, held(1)], [600_000, turnOf(1)]], on: [604_999, wake], phase: "connecting" },
  { rule: "gives up a dial that waits for its turn when the user closes", given: [[0, open], [0, held(1)]], on: [30, close], phase: "closed", effects: ["hang up #1 (abort, requested)", "closed: requested"] },
  { rule: "gives up a dial that waits for its turn when the outage has lasted too long", policy: { ...oneEndpoint, giveUpAfter: 60_000 }, given: [[0, open], [0, held(1)]], on: [60_000, wake], phase: "closed", effects: ["hang up #1 (abort, requested)", "closed: exhausted"] },
  { rule: "takes the turn of a dial that was given up for late news", given: [...both, [15, held(2)]], on: [20, turnOf(1)], phase: "connecting" },
];

const late: Row[] = [
  { rule: "ignores a list for an epoch that is over", policy: fromSource, given: [[0, open], [1, lost(1)]], on: [2, resolved(1, "x")], phase: "waiting" },
  { rule: "ignores a channel for a dial that was given up", given: both, on: [30, dialed(1)], phase: "connecting" },
  { rule: "ignores the greeting of an older channel", given: both, on: [30, greeted(1)], phase: "connecting" },
  { rule: "ignores the end of an older channel", given: [...both, [30, dialed(2)], [40, greeted(2)]], on: [50, lost(1)], phase: "connected" },
  { rule: "ignores the wish of an older channel", given: [...both, [30, dialed(2)], [40, greeted(2)]], on: [50, leave(1, 0, 0)], phase: "connected" },
  { rule: "ignores an epoch that never was", given: up, on: [50, lost(7)], phase: "connected" },
  { rule: "ignores everything but its goodbyes after the end", given: [...up, [30, abort]], on: [40, open], phase: "closed" },
];

describe("a link machine", () => {
  each([...opening, ...greeting, ...failing, ...refusing, ...queued, ...late], { policy: twoEndpoints });

  it.each<[string, LinkPolicy, readonly Told[], Told]>([
    ["late news", twoEndpoints, up, [50, lost(7)]],
    ["a second greeting", twoEndpoints, up, [50, greeted(1)]],
    ["an early wake", twoEndpoints, lap, [1_019, wake]],
    ["a list nobody asked for", fromSource, [[0, open], [1, resolved(1, "x")]], [2, resolved(1, "y")]],
  ])("stays exactly as it was at %s", (_, policy, given, on) => {
    const before = walk(policy, ...given);
    expect(tell(policy, before, on).state).toBe(before);
  });

  it.each([[-5, "connecting a, attempt 2"], [Number.NaN, "waiting 30000 after attempt 1"], [Infinity, "waiting 30000 after attempt 1"]])("takes a backoff of %d ms neither for a reason to stop nor to fail", (given, words) => {
    const policy = { ...oneEndpoint, backoff: { delay: () => given } };
    expect(tell(policy, walk(policy, [0, open]), [1, lost(1)]).effects.map(linkWords)).toContain(words);
  });

  it("dials at once where the backoff is nothing: not even the turn of a timer", () => {
    const policy = { ...oneEndpoint, backoff: { delay: () => 0 } };
    expect(tell(policy, walk(policy, [0, open]), [1, lost(1)]).effects.map(linkWords).slice(2)).toEqual(["connecting a, attempt 2", "dial #2 [0]"]);
  });

  it.each<[string, readonly Told[], number]>([
    ["never while it is idle", [], Infinity],
    ["at the deadline of a dial", [[0, open]], 5_000],
    ["at the same deadline while it waits for the greeting", [[0, open], [100, dialed(1)]], 5_000],
    ["at the end of a wait", lap, 1_020],
    ["never while a dial waits for its turn: a limiter says when", [[0, open], [0, held(1)]], Infinity],
    ["at the deadline of a dial whose turn came", [[0, open], [0, held(1)], [700, turnOf(1)]], 5_700],
    ["never while it is connected: the pulse watches", up, Infinity],
    ["never after the end", [...up, [30, abort]], Infinity],
  ])("wants to be woken %s", (_, given, at) => {
    expect(wakeAt(twoEndpoints, walk(twoEndpoints, ...given))).toBe(at);
  });
});
