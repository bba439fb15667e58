import type { HoldfastError } from "@holdfast/core";
import type { Gone } from "./events.ts";
import type { RefusalCause } from "./server-events.ts";

/** What a visit tells its server. */
export interface VisitHost<Visitor> {
  greeted(visit: Visitor): void;
  identified(visit: Visitor, id: string): void;
  /** `waiting` has lasted too long. */
  overdue(visit: Visitor): void;
  proven(visit: Visitor): void;
  missed(visit: Visitor): void;
  refused(visit: Visitor, why: RefusalCause, error: HoldfastError | undefined): void;
  gone(visit: Visitor, gone: Gone): void;
  /** The channel is closed. The last thing a visit tells, once. */
  released(visit: Visitor): void;
}
