export { SimClock, type SimClockOptions } from "./clock/sim-clock.ts";
export { seededRandom, type SeededRandom } from "./random/seeded-random.ts";
