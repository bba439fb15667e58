export { SimClock, type SimClockOptions } from "./clock/sim-clock.ts";
export { seededRandom, type SeededRandom } from "./random/seeded-random.ts";
export { memory, memoryNetwork, type MemberOptions, type MemoryNetwork, type MemoryNetworkOptions } from "./memory/network.ts";
export { SimWorld, type SimWorldOptions } from "./world/sim-world.ts";
export type { WorldFaults } from "./world/faults.ts";
export type { RouteFilter } from "./world/climate.ts";
export type { Boot, SimHost } from "./world/host.ts";
export { swarmFaults, type FaultOdds } from "./world/odds.ts";
export { replayable, simulate, type SimulateOptions } from "./world/replay.ts";
