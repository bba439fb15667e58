import type { Millis } from "@holdfast/core";
import type { Visit } from "./visit.ts";

interface Contest<Out, In> { readonly id: string; readonly holder: Visit<Out, In>; readonly challenger: Visit<Out, In>; readonly since: Millis }

/** Two connections with one identity, of which the older one is being asked for a sign of life. At most one contest per identity. */
export class Contests<Out, In> {
  readonly #contests = new Map<Visit<Out, In>, Contest<Out, In>>();

  /** Returns the challenger before, who gives way to a newer one. */
  begin(id: string, holder: Visit<Out, In>, challenger: Visit<Out, In>, since: Millis): Visit<Out, In> | undefined {
    const before = this.#contests.get(holder)?.challenger;
    this.#contests.set(holder, { id, holder, challenger, since });
    return before;
  }

  /** The contest about this holder is over: takes it out. */
  settle(holder: Visit<Out, In>): Contest<Out, In> | undefined {
    const contest = this.#contests.get(holder);
    this.#contests.delete(holder);
    return contest;
  }

  /** The same, by its challenger. */
  withdraw(challenger: Visit<Out, In>): Contest<Out, In> | undefined {
    for (const contest of this.#contests.values()) {
      if (contest.challenger === challenger) return this.settle(contest.holder);
    }
    return undefined;
  }
}
