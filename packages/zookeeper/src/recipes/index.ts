export { Lock, type AcquireOptions, type QueueOptions } from "./lock.ts";
export { Election, type Candidate, type ElectionEvents } from "./election.ts";
export { Membership, type MembershipChange, type MembershipEvents, type MembershipOptions } from "./membership.ts";
export type { Tenure } from "./tenure.ts";
export { RecipeError } from "./recipe-error.ts";
export type { WaitOptions } from "./deadline.ts";
export type { Roll } from "./roster.ts";
