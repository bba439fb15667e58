import { expect, it } from "vitest";
import type { LinkState } from "../../src/machine/link-state.ts";
import type { LinkPolicy } from "../../src/policy/link-policy.ts";
import { linkWords } from "./in-words.ts";
import { tell, walk, type Told } from "./walk.ts";

/** One rule of a link machine: after all that was told to it, one more event. */
export interface LinkRow {
  readonly rule: string;
  /** That of the table, unless said otherwise. */
  readonly policy?: LinkPolicy;
  readonly given: readonly Told[];
  readonly on: Told;
  /** That of the table, unless said otherwise. */
  readonly phase?: LinkState["phase"];
  /** None, unless said otherwise. */
  readonly effects?: readonly string[];
  /** Of the slots, after the step. Not looked at, unless said. */
  readonly stages?: readonly string[];
}

/** A test for each row. */
export function each(rows: readonly LinkRow[], usual: { readonly policy: LinkPolicy; readonly phase?: LinkState["phase"] }): void {
  for (const row of rows) {
    const { rule, policy, given, on, phase, effects = [], stages } = { ...usual, ...row };
    it(`${rule}`, () => {
      const step = tell(policy, walk(policy, ...given), on);
      expect(step.effects.map(linkWords)).toEqual(effects);
      expect(step.state.phase).toBe(phase);
      const now = "slots" in step.state ? step.state.slots.map(({ stage }) => stage) : undefined;
      expect(now).toEqual(stages ?? now);
    });
  }
}
