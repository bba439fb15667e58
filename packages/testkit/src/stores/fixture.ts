import type { Millis } from "@holdfast/core";
import type { SessionStore } from "@holdfast/session";

/** What the suite needs to test a store. A new one is made for every test, and it must be empty. */
export interface StoreFixture {
  /** The store under test, as one keeper holds it. */
  readonly store: SessionStore;
  /**
   * The same store as another keeper holds it: over a connection of its own, where there are connections. Calls through both must look as
   * if they came one after the other. @default the store itself
   */
  readonly other?: SessionStore;
  /** Lets time pass for the store: turns its simulated clock. @default waits in real time */
  pass?(ms: Millis): void | Promise<void>;
  /** Called after each test, also after one that failed. */
  dispose?(): void | Promise<void>;
}
