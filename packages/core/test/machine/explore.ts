/** One step a machine can take: what happened, and the state it led to. */
export interface Move<State> {
  readonly label: string;
  readonly to: State;
}

export interface Exploration<State> {
  /** Every state that can be reached, by its key. */
  readonly states: ReadonlyMap<string, State>;
  readonly moves: number;
}

/**
 * Visits every state that can be reached, breadth first, and shows each move to `inspect`. States with the same key are the same
 * state. Where something is wrong, `inspect` throws; then the error names the shortest way that leads there.
 *
 * Throws as well when there are more than `limit` states: then the abstraction leaks.
 */
export function explore<State>(initial: State, space: {
  readonly key: (state: State) => string;
  readonly moves: (state: State) => Iterable<Move<State>>;
  readonly inspect: (from: State, move: Move<State>) => void;
  readonly limit?: number;
}): Exploration<State> {
  const { key, moves, inspect, limit = 200_000 } = space;
  const first = key(initial);
  const states = new Map([[first, initial]]);
  const cameFrom = new Map<string, readonly [from: string, label: string]>();
  let count = 0;
  // A Map keeps the order of insertion and can grow while it is walked: it is the queue, too.
  for (const [name, state] of states) {
    for (const move of moves(state)) {
      count += 1;
      try {
        inspect(state, move);
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\nafter: ${[...way(cameFrom, name), move.label].join(" / ")}`, { cause: error });
      }
      if (move.to === state) continue;
      const next = key(move.to);
      if (states.has(next)) continue;
      states.set(next, move.to);
      cameFrom.set(next, [name, move.label]);
      if (states.size > limit) throw new Error(`more than ${limit} states, for example ${next}`);
    }
  }
  return { states, moves: count };
}

function way(cameFrom: ReadonlyMap<string, readonly [string, string]>, to: string): readonly string[] {
  const labels: string[] = [];
  for (let step = cameFrom.get(to); step !== undefined; step = cameFrom.get(step[0])) labels.unshift(step[1]);
  return labels;
}
