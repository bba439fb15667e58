import type { Random } from "@holdfast/core";

/** Where to be after the list of servers has changed. */
export interface Rebalance {
  /** Leave the server we are on. */
  readonly move: boolean;
  /** The order in which to dial: the group that was drawn first. */
  readonly order: readonly string[];
}

export interface Change {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The server we are on. */
  readonly current: string | undefined;
}

/**
 * Spreads clients evenly over a changed list with as few moves as possible: the rule of ZooKeeper's own client
 * (`StaticHostProvider.updateServerList`; Shraer, Reed, Malkhi, Junqueira, "Dynamic Reconfiguration of Primary/Backup Clusters",
 * USENIX ATC 2012, section 5). A list that grew: each client moves to a new server with the probability that evens the load out. One
 * that shrank: those whose server is gone choose between the old and the new ones likewise, the others stay.
 */
export function rebalance({ before, after, current }: Change, random: Random): Rebalance {
  const old = shuffled(after.filter((one) => before.includes(one)), random);
  const fresh = shuffled(after.filter((one) => !before.includes(one)), random);
  const here = current !== undefined && after.includes(current);
  const towards = (group: "old" | "fresh"): readonly string[] => (group === "old" ? [...old, ...fresh] : [...fresh, ...old]);
  if (current === undefined) return { move: false, order: shuffled(after, random) };
  if (after.length > before.length) {
    const move = !here || random() <= 1 - before.length / after.length;
    return { move, order: move ? towards("fresh") : shuffled(after, random) };
  }
  if (here) return { move: false, order: shuffled(after, random) };
  const toOld = (old.length * (before.length - after.length)) / (after.length * (before.length - old.length));
  return { move: true, order: towards(random() < toOld ? "old" : "fresh") };
}

/** Each order as likely as any other (Fisher and Yates). */
export function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  const order = [...list];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
