import { describe, expect, it } from "vitest";
import { wakeAt } from "../../src/machine/link.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { linkWords } from "./in-words.ts";
import { each, type LinkRow } from "./link-row.ts";
import { abort, close, dialed, fromSource, greeted, held, leave, lost, migrate, oneEndpoint, open, resolved, retryNow, settled, tell, turnOf, twoEndpoints, wake, walk, type Told } from "./walk.ts";

const three: LinkPolicy = { ...twoEndpoints, endpoints: ["a", "b", "c"] };
const replaying: LinkPolicy = { ...three, handover: "replayed" };
const up: Told[] = [[0, open], [10, dialed(1)], [20, greeted(1)]];
/** The user wants to move, 20 s after the greeting. */
const asked: Told[] = [...up, [20_020, migrate()]];
const standing: Told[] = [...asked, [20_030, dialed(2)], [20_040, greeted(2)]];
const dialsB = ["connecting b, attempt 1", "dial #2 [1]"];
const dialsC = ["connecting c, attempt 2", "dial #3 [2]"];
const toB = (cause: string, old = "close, drained"): string[] => [`migrated from a to b #2: ${cause}`, `hang up #1 (${old})`, "flush"];
const failed = (endpoint: string, epoch: number, attempt: number, cause = "failed"): string[] => [`hang up #${epoch} (abort, ${cause})`, `failed ${endpoint} in dialing, attempt ${attempt}`];

const asking: LinkRow[] = [
  { rule: "dials the next of its course when the user asks, and stays connected", given: up, on: [20_020, migrate()], effects: dialsB, stages: ["active", "dialing"] },
  { rule: "dials the one that the user names", given: up, on: [20_020, migrate("c")], effects: ["connecting c, attempt 1", "dial #2 [2]"] },
  { rule: "dials the one it is on when the user names that", given: up, on: [20_020, migrate("a")], effects: ["connecting a, attempt 1", "dial #2 [0]"] },
  { rule: "dials the one it is on where there is no other", policy: oneEndpoint, given: up, on: [20_020, migrate()], effects: ["connecting a, attempt 1", "dial #2 [0]"] },
  { rule: "asks its source first", policy: fromSource, given: [[0, open], [1, resolved(1, "a", "b")], [10, dialed(1)], [20, greeted(1)]], on: [20_020, migrate()], effects: ["resolve #2"], stages: ["active", "resolving"] },
  { rule: "dials from the fresh list, and not where it is", policy: fromSource, given: [[0, open], [1, resolved(1, "a", "b")], [20, greeted(1)], [20_020, migrate()]], on: [20_030, resolved(2, "b", "a")], effects: ["connecting b, attempt 1", "dial #2 [0]"] },
  { rule: "stays where the fresh list lacks the one the user named", policy: fromSource, given: [[0, open], [1, resolved(1, "a", "b")], [20, greeted(1)], [20_020, migrate("b")]], on: [20_030, resolved(2, "a", "c")], stages: ["active"] },
  { rule: "stays where its source fails", policy: fromSource, given: [[0, open], [1, resolved(1, "a", "b")], [20, greeted(1)], [20_020, migrate()]], on: [20_030, lost(2, "failed")], effects: ["hang up #2 (abort, failed)", "failed source in resolving, attempt 1"], stages: ["active"] },
  { rule: "moves once, however often it is asked", given: asked, on: [20_021, migrate()] },
  { rule: "does not move where a second channel may not exist", policy: { ...three, handover: "none" }, given: up, on: [20_020, migrate()] },
  { rule: "does not move before it is connected", given: [[0, open]], on: [1, migrate()], phase: "connecting" },
  { rule: "does not move after its end", given: [...up, [30, abort]], on: [40, migrate()], phase: "closed" },
];

const changing: LinkRow[] = [
  { rule: "sends nothing more on the old channel once the candidate has greeted", given: asked, on: [20_040, greeted(2)], effects: ["hold"], stages: ["active", "standby"] },
  { rule: "changes when the peer has everything, and the old channel says goodbye", given: standing, on: [20_050, settled(1)], effects: toB("requested"), stages: ["draining", "active"] },
  { rule: "changes after the drain time-out at the latest", given: standing, on: [25_040, wake], effects: toB("requested"), stages: ["draining", "active"] },
  { rule: "waits that long", given: standing, on: [25_039, wake], stages: ["active", "standby"] },
  { rule: "changes at the greeting where the protocol replays", policy: replaying, given: asked, on: [20_040, greeted(2)], effects: toB("requested"), stages: ["draining", "active"] },
  { rule: "has nothing to change before a candidate has greeted", given: asked, on: [20_030, settled(1)], stages: ["active", "dialing"] },
  { rule: "has nothing to change where it does not move", given: up, on: [20_030, settled(1)], stages: ["active"] },
  { rule: "changes where the old channel is lost meanwhile, and tells no loss", given: standing, on: [20_045, lost(1)], effects: toB("requested", "abort, reset"), stages: ["active"] },
  { rule: "drops the old channel when its goodbye takes too long", given: [...standing, [20_050, settled(1)]], on: [25_050, wake], effects: ["hang up #1 (abort, drained)"], stages: ["active"] },
  { rule: "hears nothing of the old channel any more", given: [...standing, [20_050, settled(1)]], on: [20_060, lost(1, "closed")], stages: ["active"] },
  { rule: "goes round the list from the new endpoint", given: [...standing, [20_050, settled(1)], [20_051, lost(1, "closed")]], on: [40_050, lost(2)], phase: "connecting", effects: ["hang up #2 (abort, reset)", "disconnected b #2: reset", "connecting c, attempt 1", "dial #3 [2]"] },
];

const failing: LinkRow[] = [
  { rule: "dials the next candidate where one fails", given: asked, on: [20_030, lost(2, "failed")], effects: [...failed("b", 2, 1), ...dialsC], stages: ["active", "dialing"] },
  { rule: "stays where it is once every other endpoint was tried", given: [...asked, [20_030, lost(2, "failed")]], on: [20_040, lost(3, "failed")], effects: failed("c", 3, 2), stages: ["active"] },
  { rule: "tries nobody else where the user named one", given: [...up, [20_020, migrate("b")]], on: [20_030, lost(2, "failed")], effects: failed("b", 2, 1), stages: ["active"] },
  { rule: "gives up a candidate that does not answer in the time of a dial", given: asked, on: [25_020, wake], effects: [...failed("b", 2, 1, "timeout"), ...dialsC] },
  { rule: "takes a candidate that refuses for good for one that failed", given: asked, on: [20_030, lost(2, "refused", { next: "stop" })], effects: [...failed("b", 2, 1, "refused"), ...dialsC], stages: ["active", "dialing"] },
  { rule: "leaves a candidate alone that asks for a pause", given: [...asked, [20_030, lost(2, "refused", { retryAfter: 60_000 })], [20_040, lost(3)]], on: [20_050, migrate("b")], stages: ["active"] },
  { rule: "sends on the old channel again where the candidate ends before the change", given: standing, on: [20_045, lost(2, "closed")], effects: ["hang up #2 (abort, closed)", "failed b in standby, attempt 1", "release", ...dialsC], stages: ["active", "dialing"] },
  { rule: "does not move to one that asks it to leave", given: standing, on: [20_045, leave(2, 1_000, 500)], effects: ["hang up #2 (abort, drained)", "failed b in standby, attempt 1", "release", ...dialsC] },
];

const losing: LinkRow[] = [
  { rule: "makes the candidate on its way its connection where the old channel is lost first", given: asked, on: [20_030, lost(1)], phase: "connecting", effects: ["hang up #1 (abort, reset)", "disconnected a #1: reset"], stages: ["dialing"] },
  { rule: "is connected by that candidate", given: [...asked, [20_030, lost(1)], [20_031, dialed(2)]], on: [20_040, greeted(2)], effects: ["connected b #2", "flush"] },
  { rule: "counts that dial, and goes on along the list", given: [...asked, [20_030, lost(1)]], on: [20_040, lost(2, "failed")], phase: "connecting", effects: failed("b", 2, 1).concat(["connecting c, attempt 2", "dial #3 [2]"]) },
  { rule: "goes on with the list of the source where the old channel is lost first", policy: fromSource, given: [[0, open], [1, resolved(1, "a", "b")], [20, greeted(1)], [20_020, migrate()], [20_025, lost(1)]], on: [20_030, resolved(2, "b", "a")], phase: "connecting", effects: ["connecting b, attempt 1", "dial #2 [0]"] },
  { rule: "stops for good where the old peer says so", given: standing, on: [20_045, lost(1, "refused", { next: "stop" })], phase: "closed", effects: ["hang up #1 (abort, refused)", "disconnected a #1: refused", "hang up #2 (abort, requested)", "closed: refused"] },
  { rule: "never redials where there are 0 attempts: not by its candidate either", policy: { ...three, maxAttempts: 0 }, given: asked, on: [20_030, lost(1)], phase: "closed", effects: ["hang up #1 (abort, reset)", "disconnected a #1: reset", "hang up #2 (abort, requested)", "closed: exhausted"] },
  { rule: "closes both channels politely when the user closes", given: standing, on: [20_045, close], phase: "closed", effects: ["disconnected a #1: requested", "hang up #1 (close, requested)", "hang up #2 (close, requested)", "closed: requested"] },
  { rule: "gives the candidate up when the user closes", given: asked, on: [20_030, close], phase: "closed", effects: ["disconnected a #1: requested", "hang up #1 (close, requested)", "hang up #2 (abort, requested)", "closed: requested"] },
  { rule: "drops both when the user aborts", given: standing, on: [20_045, abort], phase: "closed", effects: ["disconnected a #1: requested", "hang up #1 (abort, requested)", "hang up #2 (abort, requested)", "closed: requested"], stages: [] },
];

/** Asked to leave within 30 s, and to go at 21 s. */
const leaving: Told[] = [...up, [20_020, leave(1, 30_000, 1_960)]];
const going: Told[] = [...leaving, [21_000, wake]];
const refused: Told[] = [...going, [21_010, lost(2, "failed")]];
const resting: Told[] = [...refused, [21_020, lost(3, "failed")]];
/** Asked to go to c, and on its way there. */
const sent: Told[] = [...up, [20_020, leave(1, 30_000, 0, "c")], [20_020, wake]];
/** Two servers that greet and send away. */
const sentOn: Told[] = [[0, open], [10, greeted(1)], [20, leave(1, 5_000, 0)], [20, wake], [30, greeted(2)], [31, settled(1)], [32, lost(1, "closed")], [40, leave(2, 5_000, 0)]];

const drained: LinkRow[] = [
  { rule: "dials a candidate at its moment of the spread when the peer asks it to leave", given: leaving, on: [21_000, wake], effects: dialsB, stages: ["leaving", "dialing"] },
  { rule: "moves because the peer asked", given: [...going, [21_010, greeted(2)]], on: [21_020, settled(1)], effects: toB("drained"), stages: ["draining", "active"] },
  { rule: "waits a backoff once everybody was tried, and stays as long as it may", given: refused, on: [21_020, lost(3, "failed")], effects: failed("c", 3, 2), stages: ["leaving"] },
  { rule: "tries again after the backoff, and not where it is", given: resting, on: [22_020, wake], effects: ["connecting b, attempt 3", "dial #4 [1]"] },
  { rule: "tries again at once when it is told that the network is back", given: resting, on: [21_500, retryNow], effects: ["connecting b, attempt 3", "dial #4 [1]"] },
  { rule: "dials the same endpoint where it is the only one", policy: oneEndpoint, given: leaving, on: [21_000, wake], effects: ["connecting a, attempt 1", "dial #2 [0]"] },
  { rule: "takes the usual path where the peer closes before anybody took it", given: resting, on: [21_500, lost(1, "closed")], phase: "connecting", effects: ["hang up #1 (abort, closed)", "disconnected a #1: closed", "connecting b, attempt 1", "dial #4 [1]"] },
  { rule: "moves at once when the user asks while it waits for its moment", given: leaving, on: [20_030, migrate()], effects: dialsB, stages: ["leaving", "dialing"] },
  { rule: "goes on trying at its moment where a move of the user's failed", given: [...leaving, [20_030, migrate("b")], [21_000, wake]], on: [21_010, lost(2, "failed")], effects: failed("b", 2, 1), stages: ["leaving"] },
  { rule: "waits before it leaves where the lap is used up, so that servers which greet and send away are not dialled in a circle", policy: twoEndpoints, given: sentOn, on: [40, wake], effects: [], stages: ["leaving"] },
  { rule: "goes first where the peer says", given: [...up, [20_020, leave(1, 30_000, 0, "c")]], on: [20_020, wake], effects: dialsC.map((word) => word.replace("attempt 2", "attempt 1").replace("#3", "#2")), stages: ["leaving", "dialing"] },
  { rule: "goes to the others at once where that one does not take it, and not there again", given: sent, on: [20_030, lost(2, "failed")], effects: [...failed("c", 2, 1), "connecting b, attempt 2", "dial #3 [1]"], stages: ["leaving", "dialing"] },
  { rule: "waits a backoff once they did not, either", given: [...sent, [20_030, lost(2, "failed")]], on: [20_040, lost(3, "failed")], effects: failed("b", 3, 2), stages: ["leaving"] },
  { rule: "goes to the others where it does not know the one that is named", given: [...up, [20_020, leave(1, 30_000, 0, "z")]], on: [20_020, wake], effects: dialsB, stages: ["leaving", "dialing"] },
  { rule: "asks a source for the one that is named", policy: fromSource, given: [[0, open], [1, resolved(1, "a", "b")], [10, greeted(1)], [20_020, leave(1, 30_000, 0, "c")], [20_020, wake]], on: [20_021, resolved(2, "b", "c", "a")], effects: ["connecting c, attempt 1", "dial #2 [1]"], stages: ["leaving", "dialing"] },
  { rule: "leaves after that wait", policy: twoEndpoints, given: [...sentOn, [40, wake]], on: [1_040, wake], effects: ["connecting a, attempt 1", "dial #3 [0]"] },
];

describe("a link machine that moves", () => {
  each([...asking, ...changing, ...failing, ...losing, ...drained], { policy: three, phase: "connected" });

  it.each<[string, readonly Told[], number]>([
    ["at the deadline of a candidate", asked, 25_020],
    ["at the end of its patience with the old channel", standing, 25_040],
    ["at the end of a wait between candidates", resting, 22_020],
    ["never after it stayed", [...asked, [20_030, lost(2)], [20_040, lost(3)]], Infinity],
  ])("wants to be woken %s", (_, given, at) => {
    expect(wakeAt(three, walk(three, ...given))).toBe(at);
  });

  it.each<[string, readonly Told[], Told]>([
    ["a wish while it moves", asked, [20_021, migrate()]],
    ["news of nobody", standing, [20_050, settled(9)]],
    ["a candidate that greets twice", standing, [20_050, greeted(2)]],
    ["the greeting of a candidate that failed", [...asked, [20_030, lost(2)]], [20_050, greeted(2)]],
  ])("stays exactly as it was at %s", (_, given, on) => {
    const before = walk(three, ...given);
    expect(tell(three, before, on).state).toBe(before);
  });

  it("lets a candidate wait for its turn as long as it takes, and counts its deadline from then on", () => {
    const waiting: Told[] = [...up, [100, migrate()], [100, held(2)]];
    expect(tell(three, walk(three, ...waiting), [99_000, wake]).effects).toEqual([]);
    expect(tell(three, walk(three, ...waiting, [99_000, turnOf(2)]), [104_000, wake]).effects.map(linkWords)).toContain("hang up #2 (abort, timeout)");
  });

  it("counts nothing that a candidate failed in", () => {
    const before = walk(three, ...up);
    const after = walk(three, ...asked, [20_030, lost(2)], [20_040, lost(3)]);
    expect(after).toEqual({ ...before, epoch: 3 });
    expect("move" in after).toBe(false);
  });

  it("earns a fresh count by a connection that lasted, also where it ends with a move", () => {
    const lasted = walk(three, ...standing, [20_050, settled(1)]);
    const brief = walk(three, ...up, [30, migrate()], [40, greeted(2)], [50, settled(1)]);
    expect([lasted, brief].map((state) => "course" in state && state.course.attempt)).toEqual([0, 1]);
  });

  it("measures an outage after a move from the loss of the new channel", () => {
    const policy = { ...three, giveUpAfter: 60_000 };
    const state = walk(policy, ...standing, [90_000, settled(1)], [90_001, lost(1, "closed")], [90_010, lost(2)]);
    expect(wakeAt(policy, state)).toBe(95_010);
  });

  it("makes room for a candidate by cutting the oldest goodbyes short, within maxChannels", () => {
    const policy: LinkPolicy = { ...three, maxChannels: 2 };
    const step = tell(policy, walk(policy, ...standing, [20_050, settled(1)]), [20_060, migrate()]);
    expect(step.effects.map(linkWords)).toEqual(["hang up #1 (abort, drained)", "connecting c, attempt 1", "dial #3 [2]"]);
    expect("slots" in step.state && step.state.slots.map(({ epoch, stage }) => `${epoch} ${stage}`)).toEqual(["2 active", "3 dialing"]);
  });
});
