import { expect, it } from "vitest";
import { SimClock } from "../src/index.ts";

it("lets promises continue between two moments where there is no setImmediate", async () => {
  expect("setImmediate" in globalThis).toBe(false);
  const clock = new SimClock({ start: 0 });
  const log: number[] = [];
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => { clock.alarm(clock.now() + ms, resolve); });
  void sleep(10).then(() => sleep(10)).then(() => log.push(clock.now()));
  clock.alarm(15, () => log.push(clock.now()));
  await clock.advanceAsync(25);
  expect(log).toEqual([15, 20]);
});
