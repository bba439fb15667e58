import { custom, type Clock, type Millis } from "@holdfast/core";
import { retry } from "@holdfast/core/retry";
import { SimClock } from "@holdfast/testkit";
import { policy, Server, type Trace, type World } from "./world.ts";

export type Loop = (server: Server, clock: Clock) => Promise<never>;

/** How far the clock lets promises run between two moments. */
export type Settle = "quiet" | number;

export async function traceOf(loop: Loop, world: World, settle: Settle, until?: Millis): Promise<Trace> {
  const clock = new SimClock({ start: 0, settle });
  const server = new Server(world, clock);
  void loop(server, clock); // Never settles: it stops for want of anything that is due.
  await (until === undefined ? clock.runUntilIdleAsync() : clock.runUntilAsync(until));
  return server.trace;
}

/** The same policy on p-retry: one `retry` for each run of connections that do not last. */
export async function byRetry(server: Server, clock: Clock): Promise<never> {
  for (let waited = 0; ; waited = 1) {
    const backoff = custom((attempt, dice) => policy.backoff.delay(waited + attempt, dice));
    await retry(async () => {
      if (await live(server, clock) < policy.stableAfter) throw new Error("did not last");
    }, { retries: Infinity, backoff, clock, random: server.random });
    await sleep(policy.backoff.delay(1, server.random()), clock);
  }
}

/** The same policy as a loop with a counter. */
export async function byLoop(server: Server, clock: Clock): Promise<never> {
  for (let attempt = 1; ; attempt += 1) {
    if (await live(server, clock) >= policy.stableAfter) attempt = 1;
    await sleep(policy.backoff.delay(attempt, server.random()), clock);
  }
}

/** What most loops do: the counter is reset by connecting. */
export async function byResetOnConnect(server: Server, clock: Clock): Promise<never> {
  for (;;) {
    const { closed } = await retry(({ signal }) => server.dial(signal), { retries: Infinity, backoff: policy.backoff, timeout: policy.dialTimeout, clock, random: server.random });
    await closed;
    await sleep(policy.backoff.delay(1, server.random()), clock);
  }
}

/** One connection, from the dial to its end: how long it lasted, 0 where the dial failed. */
async function live(server: Server, clock: Clock): Promise<Millis> {
  const late = new AbortController();
  const alarm = clock.alarm(clock.now() + policy.dialTimeout, () => { late.abort(new Error("late")); });
  try {
    const channel = await server.dial(late.signal);
    alarm.cancel();
    const since = clock.now();
    await channel.closed;
    return clock.now() - since;
  } catch {
    return 0; // Whatever the reason, the loop goes on.
  } finally {
    alarm.cancel();
  }
}

const sleep = (ms: Millis, clock: Clock): Promise<void> => new Promise((wake) => { clock.alarm(clock.now() + ms, wake); });
