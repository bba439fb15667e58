export { dialled, isFailover, parseFailover, printFailover, type FailoverUri } from "./failover-uri.ts";
export { printMember } from "./dial-list.ts";
export type { Composite, Member } from "./composite.ts";
export { failoverDefaults, isBeyondUs, needsAccept, type FailoverOption, type FailoverOptions } from "./option-table.ts";
export type { Accept, AcceptOptions } from "./accept.ts";
export { fetchText, type ReadText } from "./fetch-list.ts";
export { withFailover, type FailoverLinkOptions } from "./link-options.ts";
export type { Pairs } from "./pairs.ts";
export { updatedList, type UpdatedListOptions } from "./updated-list.ts";
