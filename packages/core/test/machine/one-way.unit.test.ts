import { describe, expect, it } from "vitest";
import { startOneWay, stepOneWay, type OneWayState } from "../../src/machine/one-way.ts";
import type { PulseEvent, PulseMoment } from "../../src/machine/round-trip.ts";
import { resolveHeartbeat, type Heartbeat } from "../../src/policy/heartbeat.ts";
import { pulseWords } from "./in-words.ts";

interface Row {
  readonly rule: string;
  readonly policy?: Heartbeat;
  readonly from: OneWayState;
  readonly on: PulseEvent;
  readonly at: Partial<PulseMoment>;
  readonly to: Partial<OneWayState> | "same";
  readonly effects?: readonly string[];
}

/** We beat every 5 s, want to hear something every 10 s, and give up after 3 silences. */
const policy: Heartbeat = resolveHeartbeat({ mode: "one-way", interval: 5_000 });
const silent: Heartbeat = { ...policy, sendWithin: Infinity };
const patient: Heartbeat = { ...policy, hearWithin: Infinity };

/** Met at 0, beaten once. */
const listening = (state: Partial<OneWayState> = {}): OneWayState => ({ phase: "listening", nonce: 1, firstBeatAt: 0, since: 0, misses: 0, excused: false, turning: undefined, wakeAt: 5_000, ...state });
const paused = listening({ phase: "paused", misses: 2, since: 0 });
const gone = listening({ phase: "gone", misses: 3, wakeAt: Infinity });

const wake = { type: "wake" } as const;
const turned = { type: "turned" } as const;

const beats: Row[] = [
  { rule: "beats when nothing was written for sendWithin", from: listening(), on: wake, at: { now: 5_000 }, to: { nonce: 2, wakeAt: 10_000 }, effects: ["ping 2"] },
  { rule: "lets what was written meanwhile stand for a beat", from: listening(), on: wake, at: { now: 5_000, sentAt: 3_000 }, to: { nonce: 1, wakeAt: 8_000 } },
  { rule: "never beats where nobody wants to hear us", policy: silent, from: listening(), on: wake, at: { now: 5_000 }, to: { wakeAt: 10_000 } },
  { rule: "beats first at its random moment, whatever the greeting wrote", from: listening({ nonce: 0, firstBeatAt: 1_000 }), on: wake, at: { now: 1_000, sentAt: 999 }, to: { nonce: 1 }, effects: ["ping 1"] },
  { rule: "beats at once where somebody doubts", from: listening(), on: { type: "probe" }, at: { now: 10 }, to: { nonce: 2 }, effects: ["ping 2"] },
  { rule: "knows no answers", from: listening(), on: { type: "pong", nonce: 1 }, at: { now: 10 }, to: "same" },
];

const judges: Row[] = [
  { rule: "lets the sockets be read before it judges", from: listening(), on: wake, at: { now: 10_000, sentAt: 9_000 }, to: { turning: 0, wakeAt: Infinity, misses: 0 }, effects: ["yield"] },
  { rule: "counts a silence of hearWithin as a miss, and suspects", from: listening({ turning: 0 }), on: turned, at: { now: 10_000, sentAt: 9_000 }, to: { misses: 1, turning: undefined, wakeAt: 14_000 }, effects: ["suspected", "missed 1/3"] },
  { rule: "counts each further one, from the same last frame", from: listening({ misses: 1, turning: 0 }), on: turned, at: { now: 20_000, sentAt: 19_000 }, to: { misses: 2, since: 0 }, effects: ["missed 2/3"] },
  { rule: "gives up at the last of maxMisses in a row", from: listening({ misses: 2, turning: 0 }), on: turned, at: { now: 30_000 }, to: { phase: "gone", wakeAt: Infinity }, effects: ["missed 3/3", "gone"] },
  { rule: "forgets the misses when anything is heard", from: listening({ misses: 2 }), on: wake, at: { now: 25_000, heardAt: 24_000, sentAt: 24_999 }, to: { misses: 0, since: 24_000, excused: false } },
  { rule: "believes what the turn brought", from: listening({ misses: 2, turning: 0 }), on: turned, at: { now: 30_000, heardAt: 30_000, sentAt: 29_000 }, to: { phase: "listening", misses: 0, since: 30_000, turning: undefined, wakeAt: 34_000 } },
  { rule: "judges nothing after a turn it did not ask for", from: listening(), on: turned, at: { now: 30_000 }, to: "same" },
  { rule: "asks for one turn only", from: listening({ turning: 0 }), on: wake, at: { now: 10_000, sentAt: 9_999 }, to: { turning: 0, wakeAt: 14_999 } },
  { rule: "never judges where the peer promised nothing", policy: patient, from: listening(), on: wake, at: { now: 1e9, sentAt: 1e9 - 1 }, to: { phase: "listening", misses: 0, wakeAt: 1e9 + 4_999 } },
  { rule: "beats although it counted a miss", from: listening({ turning: 0 }), on: turned, at: { now: 10_000, sentAt: 5_000 }, to: { misses: 1, nonce: 2 }, effects: ["suspected", "missed 1/3", "ping 2"] },
];

const asleep: Row[] = [
  { rule: "gives the peer one more period when its own wake was late", from: listening({ turning: 2_501 }), on: turned, at: { now: 12_501, sentAt: 12_000 }, to: { misses: 0, excused: true, since: 12_501, turning: undefined } },
  { rule: "keeps the misses it had counted before it slept", from: listening({ misses: 1, turning: 9_000 }), on: turned, at: { now: 29_000, sentAt: 28_000 }, to: { misses: 1, excused: true, since: 19_000 } },
  { rule: "counts the second late wake of a silence", from: listening({ turning: 9_000, excused: true }), on: turned, at: { now: 19_000, sentAt: 18_000 }, to: { misses: 1 }, effects: ["suspected", "missed 1/3"] },
  { rule: "takes a lateness of a quarter of hearWithin for noise", from: listening({ turning: 2_500 }), on: turned, at: { now: 12_500, sentAt: 12_000 }, to: { misses: 1 }, effects: ["suspected", "missed 1/3"] },
  { rule: "makes up for the beat it missed while it slept", from: listening({ turning: 9_000 }), on: turned, at: { now: 19_000 }, to: { excused: true, nonce: 2 }, effects: ["ping 2"] },
  { rule: "excuses the next silence afresh", from: listening({ excused: true, misses: 1 }), on: wake, at: { now: 20_000, heardAt: 19_000, sentAt: 19_500 }, to: { excused: false, misses: 0 } },
];

const reading: Row[] = [
  { rule: "judges nobody while the reader pauses the channel", from: listening({ turning: 0 }), on: { type: "paused" }, at: { now: 10_000, sentAt: 9_000 }, to: { phase: "paused", turning: undefined, wakeAt: 14_000 } },
  { rule: "ignores the turn it had asked for before", from: paused, on: turned, at: { now: 10_000 }, to: "same" },
  { rule: "goes on beating then, so that the peer hears us", from: paused, on: wake, at: { now: 90_000, sentAt: 85_000 }, to: { phase: "paused", nonce: 2, wakeAt: 95_000 }, effects: ["ping 2"] },
  { rule: "counts silences from the moment the reader goes on", from: paused, on: { type: "resumed" }, at: { now: 90_000, sentAt: 89_000 }, to: { phase: "listening", since: 90_000, misses: 0, wakeAt: 94_000 } },
  { rule: "stays gone when something is heard after all", from: gone, on: wake, at: { now: 90_000, heardAt: 89_999 }, to: "same" },
  { rule: "stays gone when the reader goes on", from: gone, on: { type: "resumed" }, at: { now: 90_000 }, to: "same" },
];

/** What came of it; `same` where nothing changed. */
function outcome({ policy: heartbeat = policy, from, on, at }: Row): { readonly effects: readonly string[]; readonly state: unknown } {
  const { state, effects } = stepOneWay(heartbeat, from, on, { now: 0, heardAt: 0, sentAt: 0, ...at });
  return { effects: effects.map(pulseWords), state: state === from ? "same" : state };
}

describe("a one-way pulse", () => {
  for (const row of [...beats, ...judges, ...asleep, ...reading]) {
    it(`${row.rule}`, () => { expect(outcome(row)).toMatchObject({ effects: row.effects ?? [], state: row.to }); });
  }

  it.each([[0, 0], [0.5, 2_500]])("beats first at a random moment of sendWithin: dice %d, after %d ms", (dice, at) => {
    expect(startOneWay(policy, 1_000, dice)).toMatchObject({ firstBeatAt: 1_000 + at, wakeAt: 1_000 + at });
  });

  it("sleeps until the first silence is over where it need not beat", () => {
    expect(startOneWay(silent, 1_000, 0.5)).toMatchObject({ firstBeatAt: Infinity, wakeAt: 11_000 });
  });
});
