import type { Answer } from "../store/store.ts";

/** Calls a store, or an application, and tells what it answered: at once where it answers at once, so that nothing waits that need not. */
export function whenAnswered<T>(call: () => Answer<T>, answered: (answer: T) => void, failed: (error: unknown) => void): void {
  let answer: Answer<T>;
  try {
    answer = call();
  } catch (error) {
    failed(error);
    return;
  }
  if (isPromise(answer)) void answer.then(answered, failed);
  else answered(answer);
}

export function isPromise<T>(answer: Answer<T>): answer is Promise<T> {
  return typeof answer === "object" && answer !== null && "then" in answer;
}
