import { describe, expect, it } from "vitest";
import { OptionError } from "../../src/errors/option-error.ts";
import { applyTerms, detectionBound, heartbeatPresets, resolveHeartbeat, type HeartbeatOptions } from "../../src/policy/heartbeat.ts";
import { shuffle } from "../../src/policy/shuffle.ts";

describe("heartbeat presets", () => {
  it.each([
    ["wan", { interval: 5_000, timeout: 5_000, maxMisses: 3, suspectMargin: 1_000 }, 20_000, 35_000],
    ["lan", { interval: 1_000, timeout: 1_000, maxMisses: 3, suspectMargin: 250 }, 4_000, 7_000],
    ["mobile", { interval: 20_000, timeout: 10_000, maxMisses: 2, suspectMargin: 3_000 }, 40_000, 60_000],
  ] as const)("%s finds a silent peer and a talking one in time", (preset, values, silent, talking) => {
    expect(heartbeatPresets[preset]).toEqual(values);
    expect(resolveHeartbeat(preset)).toEqual({ mode: "round-trip", sendWithin: Infinity, hearWithin: Infinity, ...values });
    expect(detectionBound(resolveHeartbeat(preset))).toBe(silent);
    expect(detectionBound(resolveHeartbeat(preset), "talking")).toBe(talking);
  });

  it("are wan unless said otherwise", () => {
    expect(resolveHeartbeat()).toEqual(resolveHeartbeat("wan"));
    expect(resolveHeartbeat({})).toEqual(resolveHeartbeat("wan"));
  });

  it("are where the other values start from", () => {
    expect(resolveHeartbeat({ preset: "lan", maxMisses: 5 })).toMatchObject({ interval: 1_000, timeout: 1_000, maxMisses: 5 });
  });
});

describe("heartbeat options", () => {
  it("beat every interval and expect to hear something every second one, in one-way mode", () => {
    expect(resolveHeartbeat({ mode: "one-way", interval: 300 })).toMatchObject({ mode: "one-way", sendWithin: 300, hearWithin: 600 });
  });

  const more = "a number of milliseconds greater than 0";
  it.each<[string, unknown, string, string]>([
    ["preset", "fast", "heartbeat.preset", "'wan', 'lan' or 'mobile'"],
    ["mode", "both", "heartbeat.mode", "'round-trip' or 'one-way'"],
    ["interval", 0, "heartbeat.interval", more],
    ["interval", -1, "heartbeat.interval", more],
    ["interval", Number.NaN, "heartbeat.interval", more],
    ["interval", Infinity, "heartbeat.interval", more],
    ["interval", "5s", "heartbeat.interval", more],
    ["timeout", 0, "heartbeat.timeout", more],
    ["timeout", Infinity, "heartbeat.timeout", more],
    ["suspectMargin", 0, "heartbeat.suspectMargin", more],
    ["sendWithin", 0, "heartbeat.sendWithin", `${more} (Infinity: never)`],
    ["hearWithin", -5, "heartbeat.hearWithin", `${more} (Infinity: never)`],
    ["maxMisses", 0, "heartbeat.maxMisses", "an integer of at least 1"],
    ["maxMisses", 2.5, "heartbeat.maxMisses", "an integer of at least 1"],
    ["maxMisses", Infinity, "heartbeat.maxMisses", "an integer of at least 1"],
  ])("refuse %s: %s", (name, value, option, expected) => {
    const given = { [name]: value } as HeartbeatOptions; // Wrong on purpose.
    expect(() => resolveHeartbeat(given)).toThrow(OptionError);
    expect(() => resolveHeartbeat(given)).toThrow(expect.objectContaining({ code: "HF_BAD_OPTION", next: "stop", option, expected }));
  });

  it("refuse an unknown preset given as a string, too", () => {
    expect(() => resolveHeartbeat("fast" as "wan")).toThrow("heartbeat.preset must be 'wan', 'lan' or 'mobile', got \"fast\"");
  });

  it("accept Infinity for sendWithin and hearWithin: never", () => {
    expect(resolveHeartbeat({ mode: "one-way", sendWithin: Infinity, hearWithin: Infinity })).toMatchObject({ sendWithin: Infinity, hearWithin: Infinity });
  });
});

describe("the detection bound", () => {
  it("grows with a timeout that a measured round trip has raised", () => {
    expect(detectionBound(resolveHeartbeat("wan"), "silent", 8_000)).toBe(29_000);
  });

  it("is maxMisses silences in one-way mode, and endless for a talking peer", () => {
    const heartbeat = resolveHeartbeat({ mode: "one-way", interval: 1_000, maxMisses: 2 });
    expect(detectionBound(heartbeat)).toBe(4_000);
    expect(detectionBound(heartbeat, "talking")).toBe(Infinity);
  });
});

describe("terms of a greeting", () => {
  const wan = resolveHeartbeat("wan");
  it.each([
    ["change nothing where they say nothing", {}, {}],
    ["set how often we ask", { hearWithin: 25_000 }, { interval: 25_000 }],
    ["set how long a ping waits for its answer", { answerWithin: 400 }, { timeout: 400 }],
    ["set how soon the peer must hear us", { sendWithin: 3_000 }, { sendWithin: 3_000 }],
    ["set how many misses are fatal", { maxMisses: 1 }, { maxMisses: 1 }],
    ["switch to the one-way rule where pings are not answered", { answered: false, sendWithin: 4_000, hearWithin: 9_000 }, { mode: "one-way", sendWithin: 4_000, hearWithin: 9_000 }],
    ["never beat and never judge where the one-way peer wants neither", { answered: false }, { mode: "one-way", sendWithin: Infinity, hearWithin: Infinity }],
  ] as const)("%s", (_, terms, changed) => {
    expect(applyTerms(wan, terms)).toEqual({ ...wan, ...changed });
  });
});

describe("shuffle", () => {
  it("gives every order of three with the same share of the dice", () => {
    const orders = new Map<string, number>();
    for (let first = 0; first < 3; first += 1) {
      for (let second = 0; second < 2; second += 1) {
        const dice = [first / 3, second / 2];
        const order = shuffle(["a", "b", "c"], () => dice.shift() ?? 0).join("");
        orders.set(order, (orders.get(order) ?? 0) + 1);
      }
    }
    expect([...orders.keys()].toSorted()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
  });

  it("leaves the original as it was, and knows empty and single lists", () => {
    const original = ["a", "b", "c"];
    expect(shuffle(original, () => 0)).not.toEqual(original);
    expect(original).toEqual(["a", "b", "c"]);
    expect([shuffle([], () => 0), shuffle(["a"], () => 0.9)]).toEqual([[], ["a"]]);
  });
});
