import type { HoldfastError } from "../errors/holdfast-error.ts";
import type { LossCause } from "../machine/link-state.ts";
import type { LeaveNotice, Terms } from "../ports/protocol.ts";
import type { Wire } from "./wire.ts";

/** What a wire tells its owner: a link, or a server's peer. After `ended` nothing more comes. */
export interface WireOwner<In> {
  greeted(wire: Wire<never, In>, terms: Terms): void;
  message(message: In): void;
  wireDrained(wire: Wire<never, In>): void;
  missed(wire: Wire<never, In>, misses: number, of: number): void;
  suspected(wire: Wire<never, In>): void;
  leave(wire: Wire<never, In>, notice: LeaveNotice): void;
  ended(wire: Wire<never, In>, cause: LossCause, error: HoldfastError | undefined): void;
  /** A ping of ours was answered. */
  proven?(wire: Wire<never, In>): void;
  /** Something arrived on a channel that was suspected. */
  answered?(wire: Wire<never, In>): void;
  /** A message that came before the channel was used, and for which there is no room. */
  unread?(message: In): void;
  /** The channel took a frame and asked us to wait. `wireDrained` follows. */
  blocked?(wire: Wire<never, In>): void;
  /** The channel is closed: nothing of it is left. */
  released?(wire: Wire<never, In>): void;
}
