import type { SessionFraming } from "../frames/framing.ts";
import type { Moment } from "../time/moment.ts";
import type { Admission } from "./admission.ts";
import type { KeeperEvents } from "./keeper-events.ts";
import type { KeeperSettings } from "./keeper-options.ts";
import type { Seats } from "./seats.ts";

/** What the channels and sessions of one keeper share. */
export interface Office {
  readonly settings: KeeperSettings;
  readonly admission: Admission;
  readonly seats: Seats;
  /** Of all its channels. */
  readonly framing: SessionFraming;
  /** When what is being read came. */
  readonly moment: Moment;
  /** Bytes of messages for clients that channels hold. */
  outgoingBytes: number;
  tell<Name extends keyof KeeperEvents>(name: Name, event: KeeperEvents[Name][0]): void;
}
