import { describe, expect, it } from "vitest";
import { wakeAt } from "../../src/machine/link.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { linkWords } from "./in-words.ts";
import { each, type LinkRow } from "./link-row.ts";
import { abort, close, dialed, fromSource, greeted, leave, lost, oneEndpoint, open, resolved, retryNow, tell, twoEndpoints, wake, walk, type Told } from "./walk.ts";

type Row = LinkRow & Required<Pick<LinkRow, "phase" | "effects">>;
const up: Told[] = [[0, open], [10, dialed(1)], [20, greeted(1)]];
const leaving: Told[] = [...up, [10_020, leave(1, 2_000, 1_000)]];
const parted: Told[] = [...leaving, [10_520, wake]];
/** Leaving, where a second channel may not exist: what stays of breaking before making. */
const alone: LinkPolicy = { ...twoEndpoints, handover: "none" };
const gone = (cause: string, epoch = 1): string[] => [`hang up #${epoch} (abort, ${cause})`, `disconnected a #${epoch}: ${cause}`];
const dialsB = ["connecting b, attempt 1", "dial #2 [1]"];
const twice: LinkPolicy = { ...twoEndpoints, maxAttempts: 2, maxInitialAttempts: 2 };
const never: LinkPolicy = { ...twoEndpoints, maxAttempts: 0, maxInitialAttempts: 0 };
const oneRound: LinkPolicy = { ...twoEndpoints, maxRounds: 1, maxInitialRounds: 2 };
const spread: LinkPolicy = { ...twoEndpoints, failoverSpread: 2_000 };
const minute: LinkPolicy = { ...oneEndpoint, giveUpAfter: 60_000 };

const losing: Row[] = [
  { rule: "dials the next endpoint at once after a stable connection, with a fresh count", given: up, on: [10_020, lost(1)], phase: "connecting", effects: [...gone("reset"), ...dialsB] },
  { rule: "lets chance choose the moment of the first dial elsewhere, within the spread", policy: spread, given: up, on: [10_020, lost(1), 0.25], phase: "waiting", effects: [...gone("reset"), "waiting 500 after attempt 0"] },
  { rule: "dials elsewhere at that moment", policy: spread, given: [...up, [10_020, lost(1), 0.25]], on: [10_520, wake], phase: "connecting", effects: dialsB },
  { rule: "does not wait for that moment when it is told that the network is back", policy: spread, given: [...up, [10_020, lost(1), 0.25]], on: [10_100, retryNow], phase: "connecting", effects: dialsB },
  { rule: "spreads nothing but the first dial elsewhere", policy: { ...spread, endpoints: ["a", "b", "c"] }, given: [...up, [10_020, lost(1), 0.25], [10_520, wake]], on: [10_530, lost(2, "failed")], phase: "connecting", effects: ["hang up #2 (abort, failed)", "failed b in dialing, attempt 1", "connecting c, attempt 2", "dial #3 [2]"] },
  { rule: "does not spread the first dials of all", policy: spread, given: [[0, open]], on: [10, lost(1, "failed")], phase: "connecting", effects: ["hang up #1 (abort, failed)", "failed a in dialing, attempt 1", "connecting b, attempt 2", "dial #2 [1]"] },
  { rule: "adds no spread to a backoff", policy: { ...spread, endpoints: ["a"] }, given: up, on: [10_020, lost(1)], phase: "waiting", effects: [...gone("reset"), "waiting 1000 after attempt 0"] },
  { rule: "spreads the loss of a connection that did not last, too", policy: spread, given: up, on: [30, lost(1)], phase: "waiting", effects: [...gone("reset"), "waiting 1000 after attempt 1"] },
  { rule: "waits before the first redial where there is one endpoint", policy: oneEndpoint, given: up, on: [10_020, lost(1, "heartbeat")], phase: "waiting", effects: [...gone("heartbeat"), "waiting 1000 after attempt 0"] },
  { rule: "keeps the count where a connection did not last", given: up, on: [10_019, lost(1)], phase: "connecting", effects: [...gone("reset"), "connecting b, attempt 2", "dial #2 [1]"] },
  { rule: "dials a server that accepts and drops ever more slowly", policy: oneEndpoint, given: [...up, [30, lost(1)], [1_030, wake], [1_040, dialed(2)], [1_050, greeted(2)]], on: [1_060, lost(2)], phase: "waiting", effects: [...gone("reset", 2), "waiting 2000 after attempt 2"] },
  { rule: "stops for good where the peer ends it for good", given: up, on: [30, lost(1, "refused", { next: "stop" })], phase: "closed", effects: [...gone("refused"), "closed: refused"] },
];

const moving: Row[] = [
  { rule: "leaves at a random moment of the spread when the peer asks", given: up, on: [10_020, leave(1, 2_000, 1_000)], phase: "connected", effects: ["draining a within 2000"] },
  { rule: "is asked once", given: leaving, on: [10_030, leave(1, 0, 0)], phase: "connected", effects: [] },
  { rule: "stays until that moment", given: leaving, on: [10_519, wake], phase: "connected", effects: [] },
  { rule: "says goodbye first where a second channel may not exist, and dials elsewhere meanwhile", policy: alone, given: leaving, on: [10_520, wake], phase: "connecting", effects: ["disconnected a #1: drained", "hang up #1 (close, drained)", ...dialsB] },
  { rule: "leaves no later than the peer closes, however wide the spread", policy: alone, given: [...up, [10_020, leave(1, 100, 60_000), 0.999]], on: [10_120, wake], phase: "connecting", effects: ["disconnected a #1: drained", "hang up #1 (close, drained)", ...dialsB] },
  { rule: "takes a channel that ends before its moment for lost", given: leaving, on: [10_100, lost(1, "closed")], phase: "connecting", effects: [...gone("closed"), ...dialsB] },
  { rule: "forgets the old channel when its goodbye is done", policy: alone, given: parted, on: [10_600, lost(1, "closed")], phase: "connecting", effects: [] },
  { rule: "cuts a goodbye short that takes too long", policy: alone, given: [...parted, [10_530, dialed(2)], [10_540, greeted(2)]], on: [15_520, wake], phase: "connected", effects: ["hang up #1 (abort, drained)"] },
];

const closing: Row[] = [
  { rule: "says goodbye when the user closes", given: up, on: [30, close], phase: "closed", effects: ["disconnected a #1: requested", "hang up #1 (close, requested)", "closed: requested"] },
  { rule: "says nothing when the user aborts", given: up, on: [30, abort], phase: "closed", effects: ["disconnected a #1: requested", "hang up #1 (abort, requested)", "closed: requested"] },
  { rule: "gives up the dial when the user closes", given: [[0, open]], on: [30, close], phase: "closed", effects: ["hang up #1 (abort, requested)", "closed: requested"] },
  { rule: "gives up the question to its source when the user closes", policy: fromSource, given: [[0, open]], on: [30, close], phase: "closed", effects: ["hang up #1 (abort, requested)", "closed: requested"] },
  { rule: "ends a wait when the user closes", given: [[0, open], [1, lost(1)], [2, lost(2)]], on: [30, close], phase: "closed", effects: ["closed: requested"] },
  { rule: "lets older goodbyes go on when the user closes", policy: alone, given: parted, on: [10_600, close], phase: "closed", effects: ["hang up #2 (abort, requested)", "closed: requested"] },
  { rule: "waits for the goodbye after the end", given: [...up, [30, close]], on: [40, lost(1, "closed")], phase: "closed", effects: ["hang up #1 (abort, drained)"] },
  { rule: "cuts it short when it takes too long", given: [...up, [30, close]], on: [5_030, wake], phase: "closed", effects: ["hang up #1 (abort, drained)"] },
  { rule: "cuts it short when the user aborts after all", given: [...up, [30, close]], on: [40, abort], phase: "closed", effects: ["hang up #1 (abort, drained)"] },
  { rule: "has nobody cut it short but the clock", given: [...up, [30, close]], on: [9_999, open], phase: "closed", effects: [] },
  { rule: "is not closed twice", given: [...up, [30, close]], on: [40, close], phase: "closed", effects: [] },
  { rule: "takes a greeting after the end for nothing", given: [[0, open], [10, dialed(1)], [20, close]], on: [30, greeted(1)], phase: "closed", effects: [] },
];

const givingUp: Row[] = [
  { rule: "closes when all attempts before the first connection are used up", policy: twice, given: [[0, open], [1, lost(1, "failed")]], on: [2, lost(2, "failed")], phase: "closed", effects: ["hang up #2 (abort, failed)", "failed b in dialing, attempt 2", "closed: exhausted"] },
  { rule: "makes one attempt at least", policy: never, given: [], on: [0, open], phase: "connecting", effects: ["connecting a, attempt 1", "dial #1 [0]"] },
  { rule: "never redials where there are 0 attempts", policy: never, given: up, on: [99_999, lost(1)], phase: "closed", effects: [...gone("reset"), "closed: exhausted"] },
  { rule: "counts a failure of the source as an attempt", policy: { ...fromSource, maxInitialAttempts: 1 }, given: [[0, open]], on: [1, lost(1, "failed")], phase: "closed", effects: ["hang up #1 (abort, failed)", "failed source in resolving, attempt 1", "closed: exhausted"] },
  { rule: "counts from the last stable connection", policy: twice, given: [[0, open], [1, lost(1)], [2, dialed(2)], [3, greeted(2)], [20_000, lost(2)]], on: [20_001, lost(3, "failed")], phase: "waiting", effects: ["hang up #3 (abort, failed)", "failed a in dialing, attempt 1", "waiting 1000 after attempt 1"] },
  { rule: "goes on while a round before the first connection is left", policy: oneRound, given: [[0, open], [1, lost(1, "failed")]], on: [2, lost(2, "failed")], phase: "waiting", effects: ["hang up #2 (abort, failed)", "failed b in dialing, attempt 2", "waiting 1000 after attempt 2"] },
  { rule: "closes when all rounds before the first connection are used up", policy: oneRound, given: [[0, open], [1, lost(1, "failed")], [2, lost(2, "failed")], [1_002, wake], [1_003, lost(3, "failed")]], on: [1_004, lost(4, "failed")], phase: "closed", effects: ["hang up #4 (abort, failed)", "failed b in dialing, attempt 4", "closed: exhausted"] },
  { rule: "closes when every endpoint was dialled once more after a stable connection, and that is the last round", policy: oneRound, given: [...up, [20_000, lost(1)], [20_001, lost(2, "failed")], [21_001, wake]], on: [21_002, lost(3, "failed")], phase: "closed", effects: ["hang up #3 (abort, failed)", "failed a in dialing, attempt 2", "closed: exhausted"] },
  { rule: "dials a lone endpoint once in a round, not in none", policy: { ...oneEndpoint, maxRounds: 1 }, given: up, on: [20_000, lost(1)], phase: "waiting", effects: [...gone("reset"), "waiting 1000 after attempt 0"] },
  { rule: "makes one round at least before the first connection", policy: { ...twoEndpoints, maxRounds: 0, maxInitialRounds: 0 }, given: [[0, open]], on: [1, lost(1, "failed")], phase: "connecting", effects: ["hang up #1 (abort, failed)", "failed a in dialing, attempt 1", "connecting b, attempt 2", "dial #2 [1]"] },
  { rule: "never redials where there are 0 rounds", policy: { ...twoEndpoints, maxRounds: 0 }, given: up, on: [99_999, lost(1)], phase: "closed", effects: [...gone("reset"), "closed: exhausted"] },
  { rule: "closes at once where those that the last round has not seen asked for a pause", policy: oneRound, given: [[0, open], [1, lost(1, "failed")], [2, lost(2, "refused", { retryAfter: 600_000 })], [1_002, wake]], on: [1_003, lost(3, "failed")], phase: "closed", effects: ["hang up #3 (abort, failed)", "failed a in dialing, attempt 3", "closed: exhausted"] },
  { rule: "counts a failure of the source as a round", policy: { ...fromSource, maxInitialRounds: 1 }, given: [[0, open]], on: [1, lost(1, "failed")], phase: "closed", effects: ["hang up #1 (abort, failed)", "failed source in resolving, attempt 1", "closed: exhausted"] },
  { rule: "closes when an outage lasts too long, in the middle of a wait", policy: { ...minute, backoff: { delay: () => 90_000 } }, given: [[0, open], [1, lost(1)]], on: [60_000, wake], phase: "closed", effects: ["closed: exhausted"] },
  { rule: "closes when an outage lasts too long, in the middle of a dial", policy: { ...minute, dialTimeout: 90_000 }, given: [[0, open]], on: [60_000, wake], phase: "closed", effects: ["hang up #1 (abort, requested)", "closed: exhausted"] },
  { rule: "measures an outage from the loss of a stable connection", policy: minute, given: [...up, [90_000, lost(1)]], on: [149_999, wake], phase: "connecting", effects: ["connecting a, attempt 1", "dial #2 [0]"] },
];

const returning: Row[] = [
  { rule: "waits, though the lap is not over, where a fresh list has nobody but the endpoint that was lost", policy: fromSource, given: [[0, open], [1, resolved(1, "a", "b")], [10, dialed(1)], [20, greeted(1)], [10_020, lost(1)]], on: [10_030, resolved(2, "a")], phase: "waiting", effects: ["waiting 1000 after attempt 0"] },
  { rule: "does not come back to the endpoint that was lost before the wait, where a fresh list is shorter", policy: fromSource, given: [[0, open], [1, resolved(1, "a", "b", "c")], [10, dialed(1)], [20, greeted(1)], [10_020, lost(1)], [10_030, resolved(2, "a", "b")]], on: [10_040, lost(2, "failed")], phase: "waiting", effects: ["hang up #2 (abort, failed)", "failed b in dialing, attempt 1", "waiting 1000 after attempt 1"] },
];

describe("a link machine at the end of a channel", () => {
  each([...losing, ...returning, ...moving, ...closing, ...givingUp], { policy: twoEndpoints });

  it.each<[string, LinkPolicy, readonly Told[], number]>([
    ["at the moment it leaves", twoEndpoints, leaving, 10_520],
    ["at the end of an old goodbye", alone, [...parted, [10_530, dialed(2)], [10_540, greeted(2)]], 15_520],
    ["at the end of the last goodbye", twoEndpoints, [...up, [30, close]], 5_030],
    ["when an outage lasts too long", minute, [[0, open], [1, lost(1)], [1_001, wake], [59_000, dialed(2)]], 6_001],
    ["never by the outage while it is connected", minute, up, Infinity],
  ])("wants to be woken %s", (_, policy, given, at) => {
    expect(wakeAt(policy, walk(policy, ...given))).toBe(at);
  });

  it("keeps at most four channels: the oldest goodbye is cut short for a new dial", () => {
    const policy: LinkPolicy = { ...alone, endpoints: ["a", "b", "c", "d", "e", "f"] };
    const told: Told[] = [[0, open]];
    for (let epoch = 1; epoch <= 4; epoch += 1) told.push([epoch, dialed(epoch)], [epoch, greeted(epoch)], [epoch, leave(epoch, 0, 0)], [epoch, wake]);
    const last = told.pop() as Told; // The loop pushed many.
    const step = tell(policy, walk(policy, ...told), last);
    expect(step.effects.map(linkWords)).toEqual(["disconnected d #4: drained", "hang up #4 (close, drained)", "hang up #1 (abort, drained)", "connecting e, attempt 5", "dial #5 [4]"]);
    expect("slots" in step.state && step.state.slots.map(({ epoch, stage }) => `${epoch} ${stage}`)).toEqual(["2 draining", "3 draining", "4 draining", "5 dialing"]);
  });

  it("asks a source again after a stable connection, and dials on from there", () => {
    const given: Told[] = [[0, open], [1, resolved(1, "x", "y")], [2, dialed(1)], [3, greeted(1)]];
    const losing = tell(fromSource, walk(fromSource, ...given), [20_000, lost(1)]);
    expect(losing.effects.map(linkWords)).toEqual(["hang up #1 (abort, reset)", "disconnected x #1: reset", "resolve #2"]);
    expect(tell(fromSource, losing.state, [20_001, resolved(2, "y", "x")]).effects.map(linkWords)).toEqual(["connecting y, attempt 1", "dial #2 [0]"]);
  });
});
