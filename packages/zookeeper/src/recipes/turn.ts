import type { ZooKeeper } from "../zookeeper.ts";
import { Bell } from "./bell.ts";
import { checkCounter, childrenOf, contenders } from "./contenders.ts";
import { unless } from "./deadline.ts";
import { hasCode, persevere } from "./persevere.ts";
import { Place, type Queue, type Seat } from "./place.ts";

export interface Contender<T> {
  /** Ends the wait; it rejects with `signal.reason` at once. */
  readonly signal: AbortSignal;
  /** Called in the moment in which nobody is before us. */
  readonly first: (turn: Turn) => T;
  /** Given what resolves when our node is gone, where the wait ended without our turn. @default nobody waits for that */
  readonly left?: (gone: Promise<void>) => void;
}

/** Whose turn it is. */
export interface Turn { readonly place: Place; readonly seat: Seat }

/**
 * Stands in a queue until nobody is before us, and gives what `first` makes of that, in the moment in which it is so.
 *
 * Theory of operation. Each contender is a node; their numbers are their order. We watch our own node and the one right before us, so that
 * one change wakes one contender and not all. What wakes us is only a reason to look again: first is who sees itself first. A node that is
 * gone (its session expired, or somebody deleted it) has lost its place, and we queue again at the end. Whatever ends the wait, our node
 * is taken away, behind our back where no server can be reached at the moment.
 */
export async function turn<T>(zookeeper: ZooKeeper, queue: Queue, { signal, first, left = unheard }: Contender<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const place = new Place(zookeeper, queue);
    const bell = new Bell(zookeeper);
    try {
      const seat = await unless(signal, place.seat);
      checkCounter(queue.folder, seat.name, queue.label);
      if (await stand({ zookeeper, queue, seat, bell }, signal) === "first") return first({ place, seat });
    } catch (error) {
      left(place.leave());
      throw error;
    } finally {
      bell.close();
    }
    unheard(place.leave());
  }
}

/** Nobody waits for it: what cannot be deleted goes with the session. */
function unheard(left: Promise<void>): void {
  left.catch(() => {});
}

interface Look { readonly zookeeper: ZooKeeper; readonly queue: Queue; readonly seat: Seat; readonly bell: Bell }
type Sight = { readonly kind: "first" } | { readonly kind: "gone" } | { readonly kind: "behind"; readonly path: string };

/** Looks and waits until we are first on a session that is certainly alive, or have lost our place. */
async function stand(look: Look, signal: AbortSignal): Promise<"first" | "gone"> {
  const { zookeeper, seat, bell } = look;
  const alive = (): boolean => !zookeeper.presumedExpired && zookeeper.phase !== "closed" && zookeeper.sessionId === seat.stat.ephemeralOwner;
  for (;;) {
    bell.still();
    const sight = await unless(signal, persevere(() => see(look), signal));
    switch (sight.kind) {
      case "gone": return "gone";
      case "first":
        if (alive() && !bell.rung) return "first";
        break;
      case "behind":
        // Not there any more: we look at once who is before us now.
        if (!await unless(signal, persevere(() => watch(look, sight.path), signal))) continue;
        break;
      default: return unreachable(sight);
    }
    await bell.wait(signal);
  }
}

/** Where we stand. Our own node is watched from here on. */
async function see(look: Look): Promise<Sight> {
  const { zookeeper, queue: { folder, label }, seat } = look;
  const [there, children] = await Promise.all([watch(look, seat.path), childrenOf(zookeeper, folder)]);
  const order = contenders(children, label);
  const at = order.indexOf(seat.name);
  if (!there || at < 0) return { kind: "gone" };
  const before = order[at - 1];
  return before === undefined ? { kind: "first" } : { kind: "behind", path: `${folder}/${before}` };
}

/** False where there is no such node. Not `exists`: its watch on a node that is gone would wait for ever. */
async function watch({ zookeeper, bell }: Look, path: string): Promise<boolean> {
  try {
    await zookeeper.getData(path, { watch: bell.at(path) });
    return true;
  } catch (error) {
    if (hasCode(error, "ZK_NO_NODE")) return false;
    throw error;
  }
}

function unreachable(value: never): never { throw new Error(`unreachable: ${JSON.stringify(value)}`); }
