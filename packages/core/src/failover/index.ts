export { dialled, isFailover, parseFailover, printFailover, type FailoverUri } from "./failover-uri.ts";
export type { Composite, Member } from "./composite.ts";
export { failoverDefaults, type FailoverOption, type FailoverOptions } from "./option-table.ts";
export { withFailover } from "./link-options.ts";
export type { Pairs } from "./pairs.ts";
