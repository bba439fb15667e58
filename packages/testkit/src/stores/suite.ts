import { OptionError, type Millis } from "@holdfast/core";
import type { TestFramework } from "../conformance/suite.ts";
import { appending } from "./appending.ts";
import { attaching } from "./attaching.ts";
import type { StoreCase } from "./case.ts";
import { closing } from "./closing.ts";
import { committing } from "./committing.ts";
import { creating } from "./creating.ts";
import { expiring } from "./expiring.ts";
import { fencing } from "./fencing.ts";
import type { StoreFixture } from "./fixture.ts";
import { handles } from "./handles.ts";
import { histories } from "./history/histories.ts";
import { holding } from "./holding.ts";
import { keeping } from "./keeping.ts";
import { news } from "./news.ts";
import { reading } from "./reading.ts";
import { refusing } from "./refusing.ts";
import { renewing } from "./renewing.ts";
import { StoreStage, type StorePatience } from "./stage.ts";

export interface StoreSuiteOptions {
  /**
   * The timeout of the sessions of the suite, in ms. In real time each test that waits waits once or twice as long; a store on a busy machine needs
   * half a second, or the suite takes its own slowness for the store's haste. @default 1_000
   */
  readonly timeout?: Millis;
  /** How long after a deadline `expire` may still pass a session over, in ms. @default 250 */
  readonly lateness?: Millis;
  /** How long to wait for news, in ms. Keep it below the time-out of the test framework. @default 2_000 */
  readonly patience?: Millis;
  /** Seeds of the random histories: 0, 1, 2 … @default 20 */
  readonly histories?: number;
}

const chapters: Readonly<Record<string, readonly StoreCase[]>> = {
  creating, attaching, "refusing an attach": refusing, fencing, committing, "keeping messages": keeping, appending, reading, renewing, closing, expiring, "holding keys": holding, news, "several handles": handles,
};

/**
 * Registers the tests that every `SessionStore` has to pass: the contract of the port and the rules of docs/spec/hfs1.md, sentence by
 * sentence. The name of a test is the sentence that is broken when it fails.
 *
 * ```ts
 * import { describe, it } from "vitest"; // or node:test, mocha, jest
 * sessionStoreSuite({ describe, it }, () => ({ store: myStore(), other: myStore() }));
 * ```
 */
export function sessionStoreSuite(framework: TestFramework, factory: () => StoreFixture | Promise<StoreFixture>, options: StoreSuiteOptions = {}): void {
  const define = framework.it ?? framework.test;
  if (define === undefined) throw new OptionError("framework", "the functions of a test framework, with `it` or `test`: sessionStoreSuite({ describe, it }, factory)");
  const group = framework.describe ?? ((_name: string, body: () => void): void => { body(); });
  const { timeout = 1_000, lateness = 250, patience = 2_000, histories: seeds = 20 } = options;
  for (const [chapter, cases] of Object.entries({ ...chapters, histories: histories(seeds) })) {
    group(chapter, () => {
      for (const { sentence, run } of cases) define(sentence, async () => { await perform(run, factory, { timeout, lateness, patience }); });
    });
  }
}

/** The fixture is disposed of also after a failure, and the failure is what is reported. */
async function perform(run: StoreCase["run"], factory: () => StoreFixture | Promise<StoreFixture>, patience: StorePatience): Promise<void> {
  const stage = new StoreStage(await factory(), patience);
  try {
    await run(stage);
  } catch (error) {
    await stage.strike().catch(() => undefined); // The first failure explains the second.
    throw error;
  }
  await stage.strike();
}
