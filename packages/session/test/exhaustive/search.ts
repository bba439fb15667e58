import type { Message } from "../../src/frames/frame.ts";
import { Violation } from "../simulation/violation.ts";
import { movesOf } from "./moves.ts";
import { keyOf } from "./plain.ts";
import { begin, type Bounds, type Channel, type Setting } from "./setting.ts";

export interface Found { readonly states: number; readonly moves: number; readonly complete: boolean; readonly violation: string | undefined }

interface Node { readonly setting: Setting; readonly before: Node | undefined; readonly words: string }

/** Visits every setting that can be reached within the bounds, in the order of their distance, and looks at each. */
export function explore(bounds: Bounds, most: number): Found {
  const seen = new Set<string>();
  let layer: Node[] = [{ setting: begin(bounds), before: undefined, words: "" }];
  let moves = 0;
  while (layer.length > 0) {
    const following: Node[] = [];
    for (const node of layer) {
      for (const { words, make } of movesOf(node.setting, bounds.keepers)) {
        moves += 1;
        try {
          const setting = make();
          const key = keyAt(setting);
          if (seen.has(key)) continue;
          seen.add(key);
          check(setting);
          following.push({ setting, before: node, words });
        } catch (error) {
          if (error instanceof Violation) return { states: seen.size, moves, complete: false, violation: `${error.message}\n${path(node)}\n${words}` };
          throw error;
        }
        if (seen.size >= most) return { states: seen.size, moves, complete: false, violation: undefined };
      }
    }
    layer = following;
  }
  return { states: seen.size, moves, complete: true, violation: undefined };
}

/** What must hold in every setting. */
function check({ store, clients }: Setting): void {
  const { committed, received } = store;
  if (committed.length !== received) throw new Violation("I1", `${received} messages received, ${committed.length} committed`);
  const names = committed.map(String);
  if (new Set(names).size < names.length) throw new Violation("I1", `a message is committed twice: ${names.join(" ")}`);
  if (names.includes("?")) throw new Violation("I1", "a message is committed that was not handled");
  // Each holder's messages in the order in which it sent them: their names count down.
  for (const [index] of clients.entries()) {
    const own = names.filter((name) => name.startsWith(`c${index}.`));
    if (own.some((name, at) => at > 0 && name > (own[at - 1] ?? ""))) throw new Violation("I1", `out of order: ${names.join(" ")}`);
  }
  if (new Set(store.appended.map(String)).size < store.appended.length) throw new Violation("I2", `appended twice: ${store.appended.map((message: Message) => String(message)).join(" ")}`);
}

/** Components are shared between settings, so each is put into words once; equal ones have the same number. */
const known = new WeakMap<object, number>();
const numbers = new Map<string, number>();

function part(component: object, words: () => string): number {
  let number = known.get(component);
  if (number !== undefined) return number;
  const text = words();
  number = numbers.get(text);
  if (number === undefined) numbers.set(text, (number = numbers.size));
  known.set(component, number);
  return number;
}

function plain(component: object): number {
  return part(component, () => keyOf(component));
}

function keyAt({ store, clients, channels, recorded, crashes, lates, says }: Setting): string {
  const peers = (channel: Channel): number => part(channel, () => keyOf({ ...channel, peer: channel.peer && { ...channel.peer, state: plain(channel.peer.state) } }));
  return `${plain(store)};${clients.map(plain).join()};${channels.map(peers).join()};${recorded.map(plain).join()};${crashes},${lates},${says}`;
}

function path({ before, words }: Node): string {
  return before === undefined ? words : `${path(before)}\n${words}`;
}
