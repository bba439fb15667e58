import { OptionError, type Millis } from "@holdfast/core";
import type { Case } from "./case.ts";
import { dialling } from "./dialling.ts";
import { ending } from "./ending.ts";
import type { Fixture } from "./fixture.ts";
import { limits } from "./limits.ts";
import { listening } from "./listening.ts";
import { receiving } from "./receiving.ts";
import { Stage } from "./stage.ts";
import { traits } from "./traits.ts";

/** The two functions that vitest, node:test, mocha and jest have in common. Either `it` or `test` must be there. */
export interface TestFramework {
  readonly it?: DefineTest;
  readonly test?: DefineTest;
  /** Groups the sentences by chapter. Without it they stand in one list. */
  readonly describe?: (name: string, body: () => void) => unknown;
}

export type DefineTest = (name: string, run: () => Promise<void>) => unknown;

export interface ConformanceOptions {
  /**
   * The transport does not listen: it is tested against a peer that behaves as `echoPeer` does, and only the dialling side is. What the
   * suite would have to look at on the peer's side is then not tested. @default false
   */
  readonly echo?: boolean;
  /** How long to wait for what must happen, in ms. Keep it below the time-out of the test framework. @default 2_000 */
  readonly patience?: Millis;
  /** How long to wait for what must not happen, in ms. Each test waits at most a few times. @default 10 */
  readonly quiet?: Millis;
}

const chapters: Readonly<Record<string, readonly Case[]>> = { traits, dialling, receiving, ending, limits, listening };

/**
 * Registers the tests that every transport has to pass: the contract in `Transport` and `Channel`, sentence by sentence. The
 * name of a test is the sentence that is broken when it fails.
 *
 * ```ts
 * import { describe, it } from "vitest"; // or node:test, mocha, jest
 * conformance({ describe, it }, () => ({ transport: carrierPigeon(), endpoint: "pigeon://127.0.0.1:0", oversize: … }));
 * ```
 */
export function conformance(framework: TestFramework, factory: () => Fixture | Promise<Fixture>, options: ConformanceOptions = {}): void {
  const define = framework.it ?? framework.test;
  if (define === undefined) throw new OptionError("framework", "the functions of a test framework, with `it` or `test`: conformance({ describe, it }, factory)");
  const group = framework.describe ?? ((_name: string, body: () => void): void => { body(); });
  const { echo = false, patience = 2_000, quiet = 10 } = options;
  for (const [chapter, cases] of Object.entries(chapters)) {
    const chosen = cases.filter(({ listens }) => listens !== true || !echo);
    if (chosen.length === 0) continue;
    group(chapter, () => {
      for (const { sentence, run } of chosen) define(sentence, async () => { await perform(run, factory, { echo, patience, quiet }); });
    });
  }
}

/** What was opened is taken down also after a failure, and the failure is what is reported. */
async function perform(run: Case["run"], factory: () => Fixture | Promise<Fixture>, options: Required<ConformanceOptions>): Promise<void> {
  const stage = new Stage(await factory(), options);
  try {
    await run(stage);
  } catch (error) {
    await stage.strike().catch(() => undefined); // The first failure explains the second.
    throw error;
  }
  await stage.strike();
}
