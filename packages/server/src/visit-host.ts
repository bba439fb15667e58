import type { HoldfastError } from "@holdfast/core";
import type { Gone } from "./events.ts";
import type { ServerSettings } from "./options.ts";
import type { RefusalCause } from "./server-events.ts";
import type { Voice } from "./voice.ts";

/** What a visit needs of its server, and what it tells it. */
export interface VisitHost<Out, In, Visitor> {
  readonly settings: ServerSettings<Out, In>;
  readonly voice: Voice;
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
