import type { Heartbeat } from "../policy/heartbeat.ts";
import type { Millis } from "./clock.ts";

/** Makes the memory of links that send again what was not confirmed. `resend` of `@holdfast/core/resend` is one. */
export interface Resend {
  /** For one link. Throws an `OptionError` where nobody would ever confirm anything. */
  start<Out>(link: Confirming & { readonly measure: (message: Out) => number }): InFlight<Out>;
}

/** What confirms messages on a link. */
export interface Confirming {
  /** The protocol sends again by itself. */
  readonly replays: boolean;
  readonly heartbeat: Heartbeat | undefined;
  /** The scheme of a transport on which nobody can ping. */
  readonly mute: string | undefined;
}

/** Where messages go. `say` is false where the channel asks to wait, and throws for a message that cannot be encoded. */
export interface Mouth<Out> { readonly unconfirmed: number; say(message: Out): boolean }

/** The messages of one link that were sent and that nobody has confirmed. */
export interface InFlight<Out> {
  /** What is to be sent again. */
  readonly waiting: { readonly messages: number; readonly bytes: number };
  /** Nothing that waits expires earlier. */
  readonly expiresAt: Millis;
  /** Sends a new message and remembers it. */
  say(wire: Mouth<Out>, message: Out): boolean;
  /** Sends what waits to be sent again, oldest first, until `goesOn` says false. True when it never did. */
  resend(wire: Mouth<Out>, goesOn: (more: boolean) => boolean, unsendable: (message: Out, error: unknown) => void): boolean;
  /** The peer has everything but the last so many. */
  settle(unconfirmed: number): void;
  /** The channel is over. What it did not confirm, as far as it is remembered, waits to be sent again until `expiresAt`: so many messages. */
  recall(unconfirmed: number, expiresAt: Millis): number;
  /** Gives up on what has waited until `now`. */
  expire(now: Millis): readonly Out[];
}
