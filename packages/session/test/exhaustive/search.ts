import { Violation } from "../simulation/violation.ts";
import { settled, worthwhile } from "./eager.ts";
import { Keys } from "./key.ts";
import { properFence, type Fence } from "./model-store.ts";
import { make, movesOf, wordsOf, type Move } from "./moves.ts";
import { Seen } from "./seen.ts";
import { begin, type Bounds, type Setting } from "./setting.ts";

export interface Found {
  readonly states: number;
  readonly moves: number;
  readonly complete: boolean;
  readonly violation: string | undefined;
}

/** How a search goes. */
export interface Search {
  /** Settings to look at, at most. */
  readonly most: number;
  /** @default properFence */
  readonly fence?: Fence;
  /** Looks at each order, also of moves that commute. @default false */
  readonly plain?: boolean;
  /** Is told of settings in which nothing can happen any more. */
  readonly end?: (setting: Setting) => void;
}

/** A setting whose moves are made one after the other. */
interface Node { readonly setting: Setting; readonly moves: readonly Move[]; next: number }

/** Visits every setting that can be reached within the bounds, the farthest first: what is on the way to a violation is its story. */
export function explore(bounds: Bounds, { most, fence = properFence, plain = false, end }: Search): Found {
  const seen = new Seen();
  const keys = new Keys();
  const nodes: Node[] = [];
  let moves = 0;
  const visit = (setting: Setting): void => {
    keys.take(setting);
    if (!seen.add(keys.one, keys.two)) return;
    const all = movesOf(setting, bounds.keepers);
    if (all.length === 0) end?.(setting);
    nodes.push({ setting, moves: plain ? all : all.filter((move) => worthwhile(setting, move)), next: 0 });
  };
  visit(begin(bounds));
  for (let node = nodes.at(-1); node !== undefined; node = nodes.at(-1)) {
    const move = node.moves[node.next];
    node.next += 1;
    if (move === undefined) {
      nodes.pop();
      continue;
    }
    moves += 1;
    try {
      const setting = make(node.setting, move, fence);
      visit(plain ? setting : settled(setting, fence));
    } catch (error) {
      if (error instanceof Violation) return { states: seen.size, moves, complete: false, violation: `${error.message}\n${storyOf(nodes)}` };
      throw error;
    }
    if (seen.size >= most) return { states: seen.size, moves, complete: false, violation: undefined };
  }
  return { states: seen.size, moves, complete: true, violation: undefined };
}

function storyOf(nodes: readonly Node[]): string {
  return nodes.map(({ setting, moves, next }) => wordsOf(setting, moves[next - 1] as Move)).join("\n"); // Each has made a move.
}
