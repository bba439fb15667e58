import { Broken } from "./laws.ts";
import { script } from "./script.ts";
import { World } from "./world.ts";

/** Runs the schedule of one seed. Where a law is broken, the error tells the shortest schedule that breaks it, and how to see it again. */
export function replay(seed: number): World {
  const world = new World(script(seed));
  try {
    world.run();
  } catch (error) {
    throw error instanceof Broken ? new Error(story(seed), { cause: error }) : error;
  }
  return world;
}

/** The schedule with as few of its first faults as still break a law. */
function story(seed: number): string {
  const whole = script(seed);
  for (let faults = 0; faults <= whole.faults.length; faults += 1) {
    const world = new World(whole, { faults, trace: true });
    try {
      world.run();
    } catch (error) {
      const lines = world.record.lines?.slice(-60) ?? [];
      const { servers, delay, heartbeat: { interval, timeout, maxMisses } } = whole;
      return [
        `${(error as Error).message} (seed ${seed}, with the first ${faults} of ${whole.faults.length} faults)`,
        `${servers} servers, one-way delay ${Math.round(delay)} ms or more, heartbeat ${interval}/${timeout}/${maxMisses}; the last ${lines.length} things that happened:`,
        ...lines,
        `Replay it: HOLDFAST_SEED=${seed} npx vitest run --project unit packages/core/test/schedules`,
      ].join("\n");
    }
  }
  return `seed ${seed} broke a law once and keeps them all when it is repeated: the world is not deterministic`;
}
