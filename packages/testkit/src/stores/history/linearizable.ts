// Whether a history can be explained by a single order of its calls (Wing and Gong 1993, with the memory of states seen by Lowe 2017): each call
// has its effect at some moment between its invocation and its answer.
import { atBirth, step, type ModelState, type Operation } from "./model.ts";

export interface Call {
  readonly operation: Operation;
  /** A moment; all moments of a history are different. */
  readonly invoked: number;
  /** Infinity where no answer came: it may have happened at any moment since, or never. */
  readonly returned: number;
  readonly answer: unknown;
}

/** At most 31 calls. `fits`: whether an answer is what the model expects. */
export function linearizable(history: readonly Call[], fits: (answer: unknown, expected: object) => boolean): boolean {
  const seen = new Set<string>();
  const answered = history.reduce((bits, { returned }, at) => (returned < Infinity ? bits | (1 << at) : bits), 0);

  const search = (done: number, state: ModelState): boolean => {
    if ((done & answered) === answered) return true;
    const key = `${done} ${JSON.stringify(state)}`;
    if (seen.has(key)) return false;
    seen.add(key);
    const open = history.map((call, at) => ({ call, at })).filter(({ at }) => (done & (1 << at)) === 0);
    const horizon = Math.min(...open.map(({ call }) => call.returned));
    // Only what was invoked before the first answer among those that are left can have been the next.
    return open.some(({ call, at }) => {
      if (call.invoked > horizon) return false;
      const next = step(state, call.operation);
      return (call.returned === Infinity || fits(call.answer, next.answer)) && search(done | (1 << at), next.state);
    });
  };
  return search(0, atBirth);
}
