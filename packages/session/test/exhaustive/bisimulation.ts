// Do keys leave out too much? Visits every setting by all that it is, and compares those that have the same key.
import { Keys } from "./key.ts";
import { properFence } from "./model-store.ts";
import { make, movesOf, wordsOf } from "./moves.ts";
import { begin, type Bounds, type Setting } from "./setting.ts";

export interface Compared {
  /** Settings that are told apart by all that they are, and by their keys. */
  readonly settings: number;
  readonly keys: number;
  /** Two settings with one key, of which one can become what the other cannot. */
  readonly differs: string | undefined;
}

/** The keys that a setting can reach in one move, but its own: what changes nothing that matters does not count. */
interface Prospect { readonly keys: ReadonlySet<string>; readonly words: ReadonlyMap<string, string> }

/**
 * Settings with the same key must reach settings with the same keys. Then, step by step, whatever one of them leads to the other one does as well, and it is
 * enough to go on from one of them.
 */
export function compareAll(bounds: Bounds): Compared {
  const seen = new Set<string>();
  const prospects = new Map<string, Prospect>();
  const waiting: Setting[] = [begin(bounds)];
  for (let setting = waiting.pop(); setting !== undefined; setting = waiting.pop()) {
    const key = keyOf(setting);
    const keys = new Set<string>();
    const words = new Map<string, string>();
    for (const move of movesOf(setting, bounds.keepers)) {
      const after = make(setting, move, properFence);
      const reached = keyOf(after);
      if (reached !== key) keys.add(reached);
      words.set(reached, wordsOf(setting, move));
      const whole = wholeKeyOf(after);
      if (seen.has(whole)) continue;
      seen.add(whole);
      waiting.push(after);
    }
    const known = prospects.get(key);
    if (known === undefined) prospects.set(key, { keys, words });
    else for (const [one, other] of [[known, { keys, words }], [{ keys, words }, known]] as const) {
      for (const reached of one.keys) if (!other.keys.has(reached)) return { settings: seen.size, keys: prospects.size, differs: `${one.words.get(reached)}; otherwise ${[...other.words.values()].join(", ")}` };
    }
  }
  return { settings: seen.size, keys: prospects.size, differs: undefined };
}

const keys = new Keys();

function keyOf(setting: Setting): string {
  keys.take(setting);
  return `${keys.one},${keys.two}`;
}

const numbers = new WeakMap<object, number>();
let last = 0;

function numberOf(part: object): number {
  let number = numbers.get(part);
  if (number === undefined) numbers.set(part, (number = last += 1));
  return number;
}

function wholeKeyOf({ store, clients, channels, recorded, crashes, lates, says }: Setting): string {
  const ofChannel = ({ number, client, keeper, up, down, peer }: Setting["channels"][number]): string => `${number}.${client}.${keeper}.${up.map(numberOf).join()}.${down.map(numberOf).join()}.${peer === undefined ? 0 : numberOf(peer)}`;
  return `${numberOf(store)};${clients.map(numberOf).join()};${channels.map(ofChannel).join("/")};${recorded.map(numberOf).join()};${crashes},${lates},${says}`;
}
