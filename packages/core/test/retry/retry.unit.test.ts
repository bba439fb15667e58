import { getEventListeners } from "node:events";
import { SimClock } from "@holdfast/testkit";
import { describe, expect, expectTypeOf, it } from "vitest";
import { ConnectError } from "../../src/errors/connect-error.ts";
import { HoldfastError } from "../../src/errors/holdfast-error.ts";
import { OptionError } from "../../src/errors/option-error.ts";
import { TimeoutError } from "../../src/errors/timeout-error.ts";
import { constant, exponential, steps } from "../../src/policy/backoff.ts";
import { retry, type RetryOptions, type Try } from "../../src/retry/index.ts";

/** An operation that fails with these, one after the other, and then succeeds; and what it was called with. */
function failing(...errors: unknown[]): { calls: Try[]; operation: (turn: Try) => Promise<string> } {
  const calls: Try[] = [];
  const operation = async (turn: Try): Promise<string> => {
    calls.push(turn);
    const index = calls.length - 1;
    // The rule of this test, not of the code: some of these are no errors on purpose.
    if (index < errors.length) throw errors[index];
    return `done at ${turn.attempt}`;
  };
  return { calls, operation };
}

/** An operation that never settles by itself and takes no notice of its signal. */
function silent(): { calls: Try[]; operation: (turn: Try) => Promise<never> } {
  const calls: Try[] = [];
  return { calls, operation: (turn) => { calls.push(turn); return new Promise<never>(() => {}); } };
}

/** The fate of a promise, without waiting for it. */
function fate(promise: Promise<unknown>): { state: "pending" | "resolved" | "rejected"; value?: unknown } {
  const seen: ReturnType<typeof fate> = { state: "pending" };
  promise.then((value) => Object.assign(seen, { state: "resolved", value }), (value: unknown) => Object.assign(seen, { state: "rejected", value }));
  return seen;
}

/** Listeners for `abort` that hang on a signal. */
function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

describe("tries", () => {
  it("resolves with the result of the first try that succeeds, and counts from 1", async () => {
    const { calls, operation } = failing(new Error("one"), new Error("two"));
    await expect(retry(operation)).resolves.toBe("done at 3");
    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it("calls the operation at once, not a turn later", async () => {
    const { calls, operation } = failing();
    const result = retry(operation);
    expect(calls.length).toBe(1);
    await result;
  });

  it("tries 1 + retries times and rejects with the last error as it was thrown", async () => {
    const errors = [new Error("one"), new RangeError("two"), new Error("three"), new Error("four")];
    const { calls, operation } = failing(...errors);
    await expect(retry(operation, { retries: 2 })).rejects.toBe(errors[2]);
    expect(calls.length).toBe(3);
  });

  it("tries once with 0 retries", async () => {
    const { calls, operation } = failing(new Error("one"));
    await expect(retry(operation, { retries: 0 })).rejects.toThrow("one");
    expect(calls.length).toBe(1);
  });

  it("tries again after a TypeError, too, and rejects with it as it is", async () => {
    const error = new TypeError("x is not a function");
    const { calls, operation } = failing(error, new TypeError("fetch failed"), error);
    await expect(retry(operation)).rejects.toBe(error);
    expect(calls.length).toBe(3);
  });

  it("takes an operation that throws at once, or returns no promise", async () => {
    const error = new Error("at once");
    await expect(retry(() => { throw error; })).rejects.toBe(error);
    await expect(retry(({ attempt }) => attempt)).resolves.toBe(1);
  });

  it("makes an error of a thrown value that is none, and keeps it as the cause", async () => {
    const { calls, operation } = failing("one", undefined, { code: 7 });
    const error: unknown = await retry(operation).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HoldfastError);
    expect(error).toMatchObject({ code: "HF_NOT_AN_ERROR", cause: { code: 7 } });
    expect(calls.length).toBe(3);
  });

  it("gives the event loop a turn between tries, so that endless tries at 0 ms can be aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    setImmediate(() => { controller.abort(reason); });
    await expect(retry(() => { throw new Error("no"); }, { retries: Infinity, signal: controller.signal })).rejects.toBe(reason);
  });

  it("gives the operation's result its type", () => {
    expectTypeOf(retry(async () => 1)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(retry(({ signal }) => signal.aborted)).toEqualTypeOf<Promise<boolean>>();
  });
});

describe("waits", () => {
  it("waits nothing by default", async () => {
    const clock = new SimClock({ start: 0 });
    const result = fate(retry(failing(new Error("one"), new Error("two")).operation, { clock }));
    await clock.advanceAsync(0);
    expect({ ...result, now: clock.now() }).toEqual({ state: "resolved", value: "done at 3", now: 0 });
  });

  it("waits as the backoff says before each retry, and not after the last try", async () => {
    const clock = new SimClock({ start: 0 });
    const { calls, operation } = failing(...Array.from({ length: 9 }, () => new Error("no")));
    const result = fate(retry(operation, { retries: 2, backoff: steps([100, 300]), clock }));
    const seen: number[] = [];
    for (const ms of [99, 1, 299, 1]) {
      await clock.advanceAsync(ms);
      seen.push(calls.length);
    }
    expect(seen).toEqual([1, 2, 2, 3]);
    expect(result.state).toBe("rejected");
    expect(clock.pending).toBe(0);
  });

  it("throws the dice of the caller for each wait", async () => {
    const clock = new SimClock({ start: 0 });
    const dice = [0.5, 0.25];
    const delays: number[] = [];
    const done = retry(failing(new Error("one"), new Error("two")).operation, { backoff: exponential({ initial: 100 }), random: () => dice.shift() ?? 0, clock, onRetry: ({ delay }) => delays.push(delay) });
    await clock.advanceAsync(1000);
    await done;
    expect(delays).toEqual([50, 50]);
  });

  it("waits at least as long as the error asks", async () => {
    const clock = new SimClock({ start: 0 });
    const delays: number[] = [];
    const busy = new ConnectError("HF_REFUSED", "tcp://a:1", "come back later", { retryAfter: 700 });
    const never = new HoldfastError("HF_X", "a slip", { retryAfter: NaN });
    const done = retry(failing(busy, busy, never).operation, { retries: 3, backoff: steps([100, 900]), clock, onRetry: ({ delay }) => delays.push(delay) });
    await clock.advanceAsync(5000);
    await done;
    expect(delays).toEqual([700, 900, 900]);
  });

  it("takes no notice of a retryAfter that is not in ms, on an error that is not of holdfast", async () => {
    const clock = new SimClock({ start: 0 });
    const foreign = Object.assign(new Error("429"), { retryAfter: 30, next: "stop" });
    const delays: number[] = [];
    const done = retry(failing(foreign).operation, { backoff: constant(5), clock, onRetry: ({ delay }) => delays.push(delay) });
    await clock.advanceAsync(100);
    await done;
    expect(delays).toEqual([5]);
  });
});

describe("an end before the last try", () => {
  it("does not retry an error that says stop", async () => {
    const error = new HoldfastError("HF_NO", "never", { next: "stop" });
    const { calls, operation } = failing(error);
    await expect(retry(operation)).rejects.toBe(error);
    expect(calls.length).toBe(1);
  });

  it("retries an error that says elsewhere: where to is the operation's business", async () => {
    await expect(retry(failing(new HoldfastError("HF_X", "not here", { next: "elsewhere" })).operation)).resolves.toBe("done at 2");
  });

  it("asks shouldRetry before the wait, and not when no try is left", async () => {
    const clock = new SimClock({ start: 0 });
    const errors = [new Error("one"), new Error("two"), new Error("three")];
    const asked: unknown[] = [];
    const result = fate(retry(failing(...errors).operation, { backoff: constant(100), clock, shouldRetry: (failed) => { asked.push(failed); return true; } }));
    await clock.advanceAsync(1000);
    expect(asked).toEqual([{ error: errors[0], attempt: 1, retriesLeft: 2 }, { error: errors[1], attempt: 2, retriesLeft: 1 }]);
    expect(result.value).toBe(errors[2]);
  });

  it("rejects with the error at once when shouldRetry says no, without waiting first", async () => {
    const clock = new SimClock({ start: 0 });
    const error = new Error("final");
    const { calls, operation } = failing(error);
    await expect(retry(operation, { backoff: constant(60_000), clock, shouldRetry: () => false })).rejects.toBe(error);
    expect([calls.length, clock.pending]).toEqual([1, 0]);
  });

  it("rejects with what shouldRetry or onRetry throws", async () => {
    const bug = new Error("bug in the callback");
    await expect(retry(failing(new Error("one")).operation, { shouldRetry: () => { throw bug; } })).rejects.toBe(bug);
    await expect(retry(failing(new Error("one")).operation, { onRetry: () => { throw bug; } })).rejects.toBe(bug);
  });

  it("tells onRetry before each wait, not after the last try", async () => {
    const errors = [new Error("one"), new Error("two")];
    const told: unknown[] = [];
    await expect(retry(failing(...errors).operation, { retries: 1, onRetry: (failed) => told.push(failed) })).rejects.toBe(errors[1]);
    expect(told).toEqual([{ error: errors[0], attempt: 1, retriesLeft: 1, delay: 0 }]);
  });
});

describe("timeout", () => {
  it("is for each try by itself, and rejects with a TimeoutError whose outcome is unknown", async () => {
    const clock = new SimClock({ start: 0 });
    const { calls, operation } = silent();
    const result = fate(retry(operation, { retries: 1, timeout: 500, clock }));
    await clock.advanceAsync(999);
    expect([calls.length, result.state]).toEqual([2, "pending"]);
    await clock.advanceAsync(1);
    expect(result.value).toBeInstanceOf(TimeoutError);
    expect(result.value).toMatchObject({ code: "HF_TIMEOUT", outcome: "unknown" });
    expect(clock.pending).toBe(0);
  });

  it("aborts the signal of the try that is late, with the same error, and gives the next try a fresh one", async () => {
    const clock = new SimClock({ start: 0 });
    const { calls, operation } = silent();
    const result = fate(retry(operation, { retries: 1, timeout: 500, clock }));
    await clock.advanceAsync(500);
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(calls[0]?.signal.reason).toBeInstanceOf(TimeoutError);
    await clock.advanceAsync(500);
    expect(calls[1]?.signal.reason).toBe(result.value);
  });

  it("ignores a result and an error that come after the timeout", async () => {
    const clock = new SimClock({ start: 0 });
    const pending: PromiseWithResolvers<string>[] = [];
    const operation = (): Promise<string> => {
      const late = Promise.withResolvers<string>();
      pending.push(late);
      return late.promise;
    };
    const result = fate(retry(operation, { retries: 2, timeout: 100, clock }));
    await clock.advanceAsync(200);
    pending[0]?.resolve("too late");
    pending[1]?.reject(new Error("too late, too"));
    await clock.advanceAsync(0);
    expect(result.state).toBe("pending");
    pending[2]?.resolve("in time");
    await clock.advanceAsync(0);
    expect(result).toEqual({ state: "resolved", value: "in time" });
  });

  it("leaves no timer behind when a try ends before it", async () => {
    const clock = new SimClock({ start: 0 });
    const result = fate(retry(failing(new Error("one")).operation, { timeout: 500, clock }));
    await clock.advanceAsync(0);
    expect([result.state, clock.pending]).toEqual(["resolved", 0]);
  });
});

describe("signal", () => {
  it("does not even start when it is aborted already", async () => {
    const reason = new Error("never mind");
    const { calls, operation } = failing();
    await expect(retry(operation, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(calls).toEqual([]);
  });

  it("rejects at once with its reason during a try, aborts the try's signal, and leaves nothing behind", async () => {
    const clock = new SimClock({ start: 0 });
    const controller = new AbortController();
    const { calls, operation } = silent();
    const result = fate(retry(operation, { timeout: 500, signal: controller.signal, clock }));
    await clock.advanceAsync(0);
    expect([clock.next, listeners(controller.signal)]).toEqual([500, 1]);
    const reason = new Error("never mind");
    controller.abort(reason);
    await clock.advanceAsync(0);
    expect(result).toEqual({ state: "rejected", value: reason });
    expect(calls[0]?.signal.reason).toBe(reason);
    expect([calls.length, clock.pending, listeners(controller.signal)]).toEqual([1, 0, 0]);
  });

  it("rejects at once with its reason during a wait, and leaves nothing behind", async () => {
    const clock = new SimClock({ start: 0 });
    const controller = new AbortController();
    const { calls, operation } = failing(new Error("one"));
    const result = fate(retry(operation, { backoff: constant(60_000), signal: controller.signal, clock }));
    await clock.advanceAsync(0);
    expect([clock.next, listeners(controller.signal)]).toEqual([60_000, 1]);
    controller.abort("not even an error");
    await clock.advanceAsync(0);
    expect(result).toEqual({ state: "rejected", value: "not even an error" });
    expect([calls.length, clock.pending, listeners(controller.signal)]).toEqual([1, 0, 0]);
  });

  it("is heeded when a callback aborts it", async () => {
    const clock = new SimClock({ start: 0 });
    const controller = new AbortController();
    const reason = new Error("never mind");
    const { calls, operation } = failing(new Error("one"));
    await expect(retry(operation, { backoff: constant(100), signal: controller.signal, clock, onRetry: () => { controller.abort(reason); } })).rejects.toBe(reason);
    expect([calls.length, clock.pending, listeners(controller.signal)]).toEqual([1, 0, 0]);
  });

  it("has no listener left after a success or a failure, so it may be long-lived", async () => {
    const { signal } = new AbortController();
    await retry(failing(new Error("one")).operation, { signal });
    await expect(retry(failing(new Error("one")).operation, { signal, retries: 0 })).rejects.toThrow("one");
    expect(listeners(signal)).toBe(0);
  });
});

describe("options", () => {
  const wrong: readonly [option: string, options: Record<string, unknown>][] = [
    ["retries", { retries: -1 }], ["retries", { retries: 1.5 }], ["retries", { retries: NaN }], ["retries", { retries: "2" }],
    ["timeout", { timeout: 0 }], ["timeout", { timeout: NaN }], ["timeout", { timeout: "1s" }],
    ["backoff", { backoff: 100 }], ["backoff", { backoff: null }], ["signal", { signal: {} }],
    ["shouldRetry", { shouldRetry: true }], ["onRetry", { onRetry: {} }],
  ];

  it.each(wrong)("refuses a wrong %s before the first try: %o", (option, options) => {
    const { calls, operation } = failing();
    // Wrong on purpose, as from code whose types are not checked.
    const act = (): unknown => retry(operation, options as RetryOptions);
    expect(act).toThrow(OptionError);
    expect(act).toThrow(`${option} must be `);
    expect(calls).toEqual([]);
  });

  it("refuses what is no operation", () => {
    // @ts-expect-error A promise has begun already: it cannot be tried again.
    expect(() => retry(Promise.resolve(1))).toThrow("operation must be a function");
  });

  it("takes undefined for the default", async () => {
    const options = { retries: undefined, backoff: undefined, timeout: undefined, signal: undefined };
    // What plain JavaScript and looser compiler settings may pass.
    await expect(retry(failing(new Error("one")).operation, options as unknown as RetryOptions)).resolves.toBe("done at 2");
  });
});
