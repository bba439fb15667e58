import type { Transport } from "@holdfast/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { conformance, type ConformanceOptions, type DefineTest, type Fixture } from "../src/conformance/index.ts";
import { memory } from "../src/index.ts";
import { endings } from "./broken/endings.ts";
import { sound } from "./broken/fault.ts";
import { flows } from "./broken/flows.ts";
import { hasty, lingering } from "./broken/hasty.ts";
import { openings } from "./broken/openings.ts";

/** A test framework that only collects. */
function collect(make: () => Fixture, options: ConformanceOptions = {}): Map<string, () => Promise<void>> {
  const tests = new Map<string, () => Promise<void>>();
  conformance({ it: (name, run) => tests.set(name, run) }, make, { patience: 100, quiet: 2, ...options });
  return tests;
}

describe.each([...endings, ...flows, ...openings])("a transport that $fault", ({ breaks, saying, transport }) => {
  it(`fails at "${breaks}"`, async () => {
    const test = collect(() => ({ transport: transport(), endpoint: "memory://server" })).get(breaks);
    await expect(test?.()).rejects.toThrow(saying);
  });
});

describe("a transport that forgets what came before receive when the peer is gone for good", () => {
  const late = "what the peer sent before its goodbye arrives before closed, also when receive comes late";

  it("fails also where that takes longer than `quiet`, if the fixture tells what is open", async () => {
    await expect(collect(() => hasty(20), { echo: true }).get(late)?.()).rejects.toThrow(/heard 0 frames of 20/);
  });

  it("is told from one whose peer stays until its words are read: that is waited for with `patience`, and no fault", async () => {
    await expect(collect(lingering, { echo: true, patience: 50 }).get(late)?.()).resolves.toBeUndefined();
  });
});

describe("the suite itself", () => {
  it("asks for the endpoint it needs rather than leaving a sentence out", async () => {
    const tests = collect(() => ({ transport: sound(), endpoint: "memory://server" }));
    await expect(tests.get("a frame longer than maxFrameBytes from the peer ends the channel with a FrameError of the remote side")?.()).rejects.toThrow(/must name `oversize`/);
  });

  it("fails a transport that holds sockets open when all its channels are gone", async () => {
    const tests = collect(() => ({ transport: sound(), endpoint: "memory://server", open: () => 1 }));
    await expect(tests.get("check accepts what can be dialled")?.()).rejects.toThrow(/should hold nothing open/);
  });

  it.each([[true], [false]])("uses the silent endpoint where there is one (the dial heeds the abort: %s)", async (heeds) => {
    const transport: Transport = {
      ...sound(),
      dial: (_endpoint, { signal }) => new Promise((_, reject) => { signal.addEventListener("abort", () => { reject(heeds ? (signal.reason as Error) : new Error("no answer")); }); }),
    };
    const run = collect(() => ({ transport, endpoint: "memory://server", silent: "memory://silent" })).get("dial rejects with signal.reason when it is aborted while the endpoint keeps silent");
    const failure = await run?.().then(() => "none", (error: Error) => error.message);
    expect(failure).toMatch(heeds ? /^none$/ : /rejected with Error: no answer/);
  });

  it("says what to give it when there is no test framework", () => {
    expect(() => { conformance({}, () => ({ transport: sound(), endpoint: "memory://server" })); }).toThrow(/conformance\(\{ describe, it \}, factory\)/);
  });

  it("takes the functions of node:test and of vitest as they are", () => {
    expectTypeOf<typeof import("node:test").it>().toExtend<DefineTest>();
    expectTypeOf<typeof it>().toExtend<DefineTest>();
  });

  it("disposes of the fixture also after a failure", async () => {
    const disposed: string[] = [];
    const tests = collect(() => ({ transport: memory({ traits: { maxFrameBytes: 0 } }), endpoint: "memory://server", dispose: () => { disposed.push("done"); } }));
    await expect(tests.get("the transport names at least one scheme, in lower case and without the colon, and a limit for frames")?.()).rejects.toThrow(/maxFrameBytes/);
    expect(disposed).toEqual(["done"]);
  });
});
