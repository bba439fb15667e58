export { dialled, isFailover, parseFailover, printFailover, type FailoverUri } from "./failover-uri.ts";
export { printMember } from "./dial-list.ts";
export type { Composite, Member } from "./composite.ts";
export { failoverDefaults, isBeyondUs, type FailoverOption, type FailoverOptions } from "./option-table.ts";
export { withFailover } from "./link-options.ts";
export type { Pairs } from "./pairs.ts";
