export { SimClock, type SimClockOptions } from "./clock/sim-clock.ts";
export { seededRandom, type SeededRandom } from "./random/seeded-random.ts";
export { memory, memoryNetwork, type MemberOptions, type MemoryNetwork, type MemoryNetworkOptions } from "./memory/network.ts";
