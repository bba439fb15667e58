import type { Millis } from "@holdfast/core";
import { farewells } from "./farewells.ts";
import type { ServerSettings } from "./options.ts";
import type { Registry } from "./registry.ts";
import { duplicate, replaced } from "./verdicts.ts";
import type { Visit } from "./visit.ts";

/** Two connections with one identity, of which the older one is being asked for a sign of life. */
interface Contest<Out, In> { readonly id: string; readonly holder: Visit<Out, In>; readonly challenger: Visit<Out, In>; readonly since: Millis }

/** Decides who may have an identity that two connections claim, by the policy in `duplicate`. At most one contest per identity. */
export class Claims<Out, In> {
  readonly #settings: ServerSettings<Out, In>;
  readonly #registry: Registry<Out, In>;
  readonly #admit: (visit: Visit<Out, In>, id: string) => void;
  /** By holder. */
  readonly #contests = new Map<Visit<Out, In>, Contest<Out, In>>();

  constructor(settings: ServerSettings<Out, In>, registry: Registry<Out, In>, admit: (visit: Visit<Out, In>, id: string) => void) {
    this.#settings = settings;
    this.#registry = registry;
    this.#admit = admit;
  }

  claim(visit: Visit<Out, In>, id: string): void {
    const policy = this.#settings.duplicate;
    const holder = this.#registry.holder(id);
    if (holder === undefined) this.#admit(visit, id);
    else if (policy === "replace" || (policy === "replaceDead" && holder.doubtful)) this.#replace(holder, visit, id);
    else if (policy === "refuse") this.#refuse(visit, id);
    else this.#contend(holder, visit, id);
  }

  /** The holder answered. */
  stays(holder: Visit<Out, In>): void {
    const contest = this.#settle(holder);
    if (contest !== undefined) this.#refuse(contest.challenger, contest.id);
  }

  /** The holder did not answer. */
  yields(holder: Visit<Out, In>): void {
    const contest = this.#contests.get(holder);
    if (contest !== undefined) this.#replace(holder, contest.challenger, contest.id);
  }

  /** The holder is gone by itself. */
  vacates(holder: Visit<Out, In>): void {
    const contest = this.#settle(holder);
    if (contest !== undefined) this.#admit(contest.challenger, contest.id);
  }

  /** The heartbeat had nothing to say in time (one-way, or paused by a slow reader): a holder that was heard since stays. */
  overdue(challenger: Visit<Out, In>): void {
    const contest = this.withdraw(challenger);
    if (contest === undefined) return;
    if (contest.holder.wire.heardAt > contest.since) this.#refuse(challenger, contest.id);
    else this.#replace(contest.holder, challenger, contest.id);
  }

  /** The challenger is gone. */
  withdraw(challenger: Visit<Out, In>): Contest<Out, In> | undefined {
    for (const contest of this.#contests.values()) {
      if (contest.challenger === challenger) return this.#settle(contest.holder);
    }
    return undefined;
  }

  #contend(holder: Visit<Out, In>, challenger: Visit<Out, In>, id: string): void {
    const { clock, heartbeat } = this.#settings;
    const since = clock.now();
    const before = this.#contests.get(holder)?.challenger;
    this.#contests.set(holder, { id, holder, challenger, since });
    if (before !== undefined) this.#refuse(before, id); // The newest is the likeliest to be alive.
    challenger.wait(since + (heartbeat?.timeout ?? 0));
    holder.wire.probe();
  }

  #settle(holder: Visit<Out, In>): Contest<Out, In> | undefined {
    const contest = this.#contests.get(holder);
    this.#contests.delete(holder);
    return contest;
  }

  #replace(holder: Visit<Out, In>, visit: Visit<Out, In>, id: string): void {
    const contest = this.#settle(holder);
    if (contest !== undefined && contest.challenger !== visit) this.#refuse(contest.challenger, id);
    holder.expel("replaced", replaced(holder, visit));
    this.#admit(visit, id);
  }

  #refuse(visit: Visit<Out, In>, id: string): void {
    visit.turnAway("duplicate", farewells.duplicate, duplicate(visit, id));
  }
}
