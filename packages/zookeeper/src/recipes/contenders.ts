import type { WatchOptions } from "../session/requests.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { hasCode } from "./persevere.ts";
import { RecipeError } from "./recipe-error.ts";

/** Where Curator's numbers end: the counter of a node is a signed int, and what follows the largest is negative or the largest again. */
const last = 2 ** 31 - 1;

/** How the nodes of a queue are named, in front of the counter. */
export type Label = "lock-" | "latch-";

/**
 * A number is written as `%010d`, the sign included. `__lock__` is kazoo's own word. Its `Lock` minds ours with `extra_lock_patterns=["-lock-"]`, and we mind its; Curator sorts such names by their
 * first letters, so the three of them together need Curator's word.
 */
const patterns: Readonly<Record<Label, RegExp>> = { "lock-": /(?:lock-|__lock__)(\d{10}|-\d{9,10})$/, "latch-": /latch-(\d{10}|-\d{9,10})$/ };

/** Those who stand in a queue, first come first. Names without a number behind the label are somebody else's business. */
export function contenders(children: readonly string[], label: Label): readonly string[] {
  const numbered = children.flatMap((name) => {
    const number = numberOf(name, label);
    // Unsigned: what was counted after the largest stands behind it.
    return number === undefined ? [] : [{ name, order: number >>> 0 }];
  });
  return numbered.toSorted((one, other) => one.order - other.order).map(({ name }) => name);
}

/**
 * Throws where the counter has come to its end. Servers then give the same number twice, or a negative one, which Curator and kazoo put in
 * front of everybody: nobody could tell who was first, so we do not stand there.
 */
export function checkCounter(folder: string, name: string, label: Label): void {
  const number = numberOf(name, label);
  if (number === undefined || (number >= 0 && number < last)) return;
  throw new RecipeError("ZK_COUNTER_EXHAUSTED", folder, `the counter of ${folder} has reached ${last}, and nobody could tell any more who came first: delete ${folder} while nobody uses it, and counting begins anew`, { next: "stop" });
}

function numberOf(name: string, label: Label): number | undefined {
  const number = patterns[label].exec(name)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** None where the folder itself is gone. */
export async function childrenOf(zookeeper: ZooKeeper, folder: string, options?: WatchOptions): Promise<readonly string[]> {
  try {
    return await zookeeper.getChildren(folder, options);
  } catch (error) {
    if (hasCode(error, "ZK_NO_NODE")) return [];
    throw error;
  }
}
