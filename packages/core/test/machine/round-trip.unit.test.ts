import { describe, expect, it } from "vitest";
import { patience, startRoundTrip, stepRoundTrip, type PulseEvent, type PulseMoment, type RoundTripState, type RoundTripTime } from "../../src/machine/round-trip.ts";
import { resolveHeartbeat, type Heartbeat } from "../../src/policy/heartbeat.ts";
import { pulseWords } from "./in-words.ts";

type Resting = Extract<RoundTripState, { phase: "resting" }>;
type Asking = Extract<RoundTripState, { phase: "asking" }>;
interface Row {
  readonly rule: string;
  readonly from: RoundTripState;
  readonly on: PulseEvent;
  readonly at: Partial<PulseMoment>;
  readonly to: Partial<Resting> | Partial<Asking> | { readonly phase: "paused" | "gone"; readonly wakeAt?: number } | "same";
  readonly effects?: readonly string[];
}

/** 5 s interval, 5 s timeout, 3 misses, suspicion 1 s after the usual time. */
const wan = resolveHeartbeat("wan");
const quick: RoundTripTime = { last: 100, smoothed: 100, variation: 50 };
const slow: RoundTripTime = { last: 6_000, smoothed: 6_000, variation: 100 };

const resting = (state: Partial<Resting> = {}): Resting => ({ phase: "resting", proofAt: 0, nonce: 1, rtt: undefined, wakeAt: 5_000, ...state });
const asking = (state: Partial<Asking> = {}): Asking => ({ phase: "asking", nonce: 2, firstNonce: 2, askedAt: 0, misses: 0, suspected: false, excused: false, turning: undefined, rtt: undefined, wakeAt: 5_000, ...state });
/** Three pings are open: nonces 7, 8 and 9. */
const third = (state: Partial<Asking> = {}): Asking => asking({ nonce: 9, firstNonce: 7, misses: 2, suspected: true, askedAt: 10_000, wakeAt: 15_000, ...state });
const paused = (wakeAt: number): RoundTripState => ({ phase: "paused", nonce: 1, rtt: undefined, wakeAt });
const gone: RoundTripState = { phase: "gone", nonce: 4, rtt: undefined, wakeAt: Infinity };

const wake = { type: "wake" } as const;
const turned = { type: "turned" } as const;
const probe = { type: "probe" } as const;
const pong = (nonce?: number): PulseEvent => ({ type: "pong", nonce });

/** What came of it; `same` where the very same state was given back. */
function outcome(policy: Heartbeat, { from, on, at }: Row): { readonly effects: readonly string[]; readonly state: unknown } {
  const { state, effects } = stepRoundTrip(policy, from, on, { now: 0, heardAt: 0, sentAt: 0, ...at });
  return { effects: effects.map(pulseWords), state: state === from ? "same" : state };
}

const rests: Row[] = [
  { rule: "rests while its round trip is proven", from: resting(), on: wake, at: { now: 4_999 }, to: { phase: "resting", wakeAt: 5_000 } },
  { rule: "asks an interval after the last proof", from: resting(), on: wake, at: { now: 5_000 }, to: { phase: "asking", askedAt: 5_000, nonce: 2, firstNonce: 2, wakeAt: 10_000 }, effects: ["ping 2"] },
  { rule: "asks although data keeps arriving: it proves one direction only", from: resting(), on: wake, at: { now: 5_000, heardAt: 4_999 }, to: { phase: "asking" }, effects: ["ping 2"] },
  { rule: "looks and sleeps on where the alarm rings early", from: resting({ wakeAt: 3_000 }), on: wake, at: { now: 3_000 }, to: { phase: "resting", wakeAt: 5_000 } },
  { rule: "asks at once where somebody doubts", from: resting(), on: probe, at: { now: 17 }, to: { phase: "asking", askedAt: 17 }, effects: ["ping 2"] },
  { rule: "takes an answer nobody waits for as no proof", from: resting(), on: pong(1), at: { now: 4_000 }, to: "same" },
  { rule: "takes no turn it did not ask for", from: resting(), on: turned, at: { now: 4_000 }, to: "same" },
  { rule: "is not woken by a reader that never paused", from: resting(), on: { type: "resumed" }, at: { now: 4_000 }, to: "same" },
];

const asks: Row[] = [
  { rule: "waits the timeout for the answer", from: asking(), on: wake, at: { now: 4_999 }, to: "same" },
  { rule: "lets the sockets be read before it judges", from: asking(), on: wake, at: { now: 5_000 }, to: { phase: "asking", turning: 0, wakeAt: Infinity, misses: 0 }, effects: ["yield"] },
  { rule: "counts no answer as a miss and asks again at once", from: asking({ turning: 0 }), on: turned, at: { now: 5_000 }, to: { phase: "asking", misses: 1, nonce: 3, firstNonce: 2, askedAt: 5_000, wakeAt: 10_000, turning: undefined }, effects: ["suspected", "missed 1/3", "ping 3"] },
  { rule: "suspects once per silence", from: asking({ turning: 0, misses: 1, suspected: true }), on: turned, at: { now: 5_000 }, to: { misses: 2 }, effects: ["missed 2/3", "ping 3"] },
  { rule: "gives up at the last of maxMisses in a row", from: third({ turning: 0 }), on: turned, at: { now: 15_000 }, to: { phase: "gone", wakeAt: Infinity }, effects: ["missed 3/3", "gone"] },
  { rule: "believes an answer that the turn brought", from: third({ turning: 0 }), on: pong(9), at: { now: 15_000 }, to: { phase: "resting", proofAt: 15_000, wakeAt: 20_000 } },
  { rule: "judges nothing after a turn that came too late", from: resting({ proofAt: 14_999 }), on: turned, at: { now: 15_000 }, to: "same" },
  { rule: "does not ask twice when somebody doubts", from: asking(), on: probe, at: { now: 100 }, to: "same" },
  { rule: "puts the verdict off while bytes keep coming", from: third({ turning: 0 }), on: turned, at: { now: 15_000, heardAt: 10_001 }, to: { phase: "asking", misses: 3, nonce: 10, askedAt: 15_000 }, effects: ["missed 3/3", "ping 10"] },
  { rule: "does not take bytes from before the last ping for talk", from: third({ turning: 0 }), on: turned, at: { now: 15_000, heardAt: 10_000 }, to: { phase: "gone" }, effects: ["missed 3/3", "gone"] },
  { rule: "puts the verdict off until twice maxMisses, no longer", from: third({ turning: 0, misses: 5 }), on: turned, at: { now: 15_000, heardAt: 14_999 }, to: { phase: "gone" }, effects: ["missed 6/3", "gone"] },
];

const answers: Row[] = [
  { rule: "rests after the answer and asks an interval later", from: asking(), on: pong(2), at: { now: 100 }, to: { phase: "resting", proofAt: 100, wakeAt: 5_100 } },
  { rule: "takes an answer to any ping of this silence as a proof", from: third(), on: pong(7), at: { now: 12_000 }, to: { phase: "resting", proofAt: 12_000 } },
  { rule: "takes an answer without a number as one to the oldest open ping", from: third(), on: pong(), at: { now: 12_000 }, to: { phase: "resting", proofAt: 12_000, rtt: undefined } },
  { rule: "believes no answer to a ping of an earlier silence", from: third(), on: pong(6), at: { now: 12_000 }, to: "same" },
  { rule: "believes no answer to a ping it has not sent yet", from: third(), on: pong(10), at: { now: 12_000 }, to: "same" },
  { rule: "understands numbers that have run over 32 bits", from: asking({ firstNonce: 0xffff_ffff, nonce: 1 }), on: pong(0xffff_ffff), at: { now: 12_000 }, to: { phase: "resting" } },
  { rule: "measures the first round trip as RFC 6298 says", from: asking(), on: pong(2), at: { now: 200 }, to: { rtt: { last: 200, smoothed: 200, variation: 100 } } },
  { rule: "smooths the next ones with gains of 1/8 and 1/4", from: asking({ rtt: { last: 200, smoothed: 200, variation: 100 } }), on: pong(2), at: { now: 600 }, to: { rtt: { last: 600, smoothed: 250, variation: 175 } } },
  { rule: "does not measure an answer that belongs to an earlier ping", from: third({ rtt: quick }), on: pong(8), at: { now: 12_000 }, to: { rtt: quick } },
  { rule: "does not measure an unnumbered answer once it asked twice", from: third({ rtt: quick }), on: pong(), at: { now: 12_000 }, to: { rtt: quick } },
  { rule: "does not measure an answer read after the verdict was due", from: asking({ rtt: quick }), on: pong(2), at: { now: 5_001 }, to: { rtt: quick } },
  { rule: "does not measure an answer that lay in the socket while we were asleep", from: asking({ rtt: quick, turning: 4_000, wakeAt: Infinity }), on: pong(2), at: { now: 9_000 }, to: { rtt: quick } },
];

const suspicion: Row[] = [
  { rule: "suspects when an answer is overdue by SRTT + 4 RTTVAR + the margin", from: resting({ rtt: quick }), on: wake, at: { now: 5_000 }, to: { phase: "asking", wakeAt: 5_000 + 100 + 200 + 1_000 }, effects: ["ping 2"] },
  { rule: "only reports the suspicion, and waits on for the answer", from: asking({ rtt: quick, wakeAt: Infinity, turning: 0 }), on: turned, at: { now: 1_300 }, to: { phase: "asking", suspected: true, misses: 0, wakeAt: 5_000, turning: undefined }, effects: ["suspected"] },
  { rule: "suspects nothing where the answer came meanwhile", from: resting({ proofAt: 1_300 }), on: turned, at: { now: 1_300 }, to: "same" },
  { rule: "never suspects later than the timeout", from: resting({ rtt: { ...quick, smoothed: 4_900 } }), on: wake, at: { now: 5_000 }, to: { wakeAt: 10_100 }, effects: ["ping 2"] },
];

const asleep: Row[] = [
  { rule: "sends a fresh ping instead of counting a miss when its own wake was late", from: asking({ turning: 1_251 }), on: turned, at: { now: 6_251 }, to: { phase: "asking", excused: true, suspected: false, nonce: 3, firstNonce: 2, askedAt: 6_251, wakeAt: 11_251 }, effects: ["ping 3"] },
  { rule: "counts the excused ping along with the next one, so that the excuse does not put off the end", from: asking({ turning: 1_251 }), on: turned, at: { now: 6_251 }, to: { misses: 1, excused: true }, effects: ["ping 3"] },
  { rule: "does not count it where the next miss is the last one", from: third({ turning: 1_251 }), on: turned, at: { now: 16_251 }, to: { misses: 2, excused: true, askedAt: 16_251 }, effects: ["ping 10"] },
  { rule: "does not count it where talk has put off the end already", from: third({ turning: 1_251, misses: 4 }), on: turned, at: { now: 16_251, heardAt: 16_000 }, to: { misses: 4, excused: true }, effects: ["ping 10"] },
  { rule: "counts the second late wake of a silence, so that a loop that is always late finds dead peers", from: asking({ turning: 9_000, excused: true }), on: turned, at: { now: 14_000 }, to: { misses: 1, excused: true }, effects: ["suspected", "missed 1/3", "ping 3"] },
  { rule: "takes a lateness of a quarter of the timeout for noise", from: asking({ turning: 1_250 }), on: turned, at: { now: 6_250 }, to: { misses: 1, excused: false }, effects: ["suspected", "missed 1/3", "ping 3"] },
  { rule: "excuses the next silence afresh", from: resting(), on: wake, at: { now: 90_000 }, to: { phase: "asking", excused: false }, effects: ["ping 2"] },
];

const reading: Row[] = [
  { rule: "judges nobody while the reader pauses the channel", from: third(), on: { type: "paused" }, at: { now: 12_000 }, to: { phase: "paused", wakeAt: 17_000 } },
  { rule: "goes on beating then, so that the peer hears us", from: paused(5_000), on: wake, at: { now: 5_000 }, to: { phase: "paused", wakeAt: 10_000 }, effects: ["ping 2"] },
  { rule: "is not paused twice", from: paused(5_000), on: { type: "paused" }, at: { now: 1_000 }, to: "same" },
  { rule: "does not beat before its time", from: paused(5_000), on: wake, at: { now: 4_999 }, to: "same" },
  { rule: "asks afresh when the reader goes on", from: paused(5_000), on: { type: "resumed" }, at: { now: 1_000 }, to: { phase: "asking", misses: 0, askedAt: 1_000 }, effects: ["ping 2"] },
  { rule: "takes no answer for a proof while it is paused", from: paused(5_000), on: pong(1), at: { now: 1_000 }, to: "same" },
  { rule: "stays gone when the reader pauses", from: gone, on: { type: "paused" }, at: { now: 90_000 }, to: "same" },
  { rule: "stays gone when time passes", from: gone, on: wake, at: { now: 90_000 }, to: "same" },
  { rule: "stays gone when an answer comes after all", from: gone, on: pong(4), at: { now: 90_000 }, to: "same" },
];

describe("a round-trip pulse", () => {
  for (const row of [...rests, ...asks, ...answers, ...suspicion, ...asleep, ...reading]) {
    it(`${row.rule}`, () => { expect(outcome(wan, row)).toMatchObject({ effects: row.effects ?? [], state: row.to }); });
  }

  it.each([[0, 0], [0.5, 2_500], [0.999, 4_995]])("first asks at a random moment of the interval: dice %d, after %d ms", (dice, at) => {
    expect(startRoundTrip(wan, 1_000, dice)).toMatchObject({ phase: "resting", proofAt: 1_000, wakeAt: 1_000 + at });
    expect(stepRoundTrip(wan, startRoundTrip(wan, 1_000, dice), wake, { now: 1_000 + at, heardAt: 0, sentAt: 0 }).effects.map(pulseWords)).toEqual(["ping 1"]);
  });

  it("skips the number 0, so that numbers are always truthy", () => {
    expect(stepRoundTrip(wan, resting({ nonce: 0xffff_ffff }), probe, { now: 0, heardAt: 0, sentAt: 0 }).effects.map(pulseWords)).toEqual(["ping 1"]);
  });

  it("lets a measured round trip raise the timeout, to twice its value at most, and never lower it", () => {
    expect([undefined, quick, slow, { ...slow, smoothed: 60_000 }].map((rtt) => patience(wan, rtt))).toEqual([5_000, 5_000, 6_400, 10_000]);
  });

  it("does not judge before the raised timeout", () => {
    const { state } = stepRoundTrip(wan, resting({ rtt: slow }), wake, { now: 5_000, heardAt: 0, sentAt: 0 });
    expect(state.wakeAt).toBe(5_000 + 6_400);
  });
});

describe("a round-trip pulse for a peer with a reader-idle timer", () => {
  const hasty = { ...wan, sendWithin: 2_000 };
  const rows: Row[] = [
    { rule: "asks when nothing was written for sendWithin", from: resting({ wakeAt: 2_000 }), on: wake, at: { now: 2_000, sentAt: 0 }, to: { phase: "asking" }, effects: ["ping 2"] },
    { rule: "lets what was written meanwhile stand for a beat", from: resting({ wakeAt: 2_000 }), on: wake, at: { now: 2_000, sentAt: 1_500 }, to: { phase: "resting", wakeAt: 3_500 } },
    { rule: "asks an interval after the last proof, however much is written", from: resting(), on: wake, at: { now: 5_000, sentAt: 4_999 }, to: { phase: "asking" }, effects: ["ping 2"] },
    { rule: "beats in time also while it is paused", from: paused(2_000), on: wake, at: { now: 2_000 }, to: { phase: "paused", wakeAt: 4_000 }, effects: ["ping 2"] },
  ];
  for (const row of rows) {
    it(`${row.rule}`, () => { expect(outcome(hasty, row)).toMatchObject({ effects: row.effects ?? [], state: row.to }); });
  }

  it("first asks within sendWithin of the greeting", () => {
    expect(startRoundTrip(hasty, 0, 0.9).wakeAt).toBe(2_000);
  });
});
