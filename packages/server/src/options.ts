import { OptionError, resolveHeartbeat, systemClock, type Clock, type Heartbeat, type HeartbeatOptions, type HeartbeatPreset, type Logger, type OutboxOptions, type Protocol, type Random, type Transport } from "@holdfast/core";
import { resolveOutbox, type Outgoing } from "@holdfast/core/engine";
import type { Identify } from "./identity.ts";
import { resolveLimits, type LimitOptions, type Limits } from "./limits.ts";

/**
 * What happens when somebody logs in with an identity that is connected already.
 *
 * - `replaceDead`: a client whose connection died is often back before the server has noticed. So where the old peer is in doubt
 *   (a ping is overdue, it is being closed), the new one replaces it at once. Otherwise the old one is asked for a sign of life:
 *   if it answers, the new one is refused; if it does not within the heartbeat's `timeout`, it is replaced. The new one waits
 *   meanwhile. An old one that is not read, because our own reader is slow, cannot answer and is replaced.
 * - `replace`: the new one always wins. Two live clients with one identity then throw each other out in turn.
 * - `refuse`: the old one always wins, even if it is dead and nobody has noticed yet.
 */
export type DuplicatePolicy = "replaceDead" | "replace" | "refuse";

/** How a server greets, watches and bounds its peers. Everything but `protocol` has a default. */
export interface ServerOptions<Out, In> {
  readonly protocol: Protocol<Out, In>;
  /**
   * The same rule as for links, so that both sides see the other die: a preset (`'wan'`, `'lan'`, `'mobile'`), values of your own, or
   * false: then a silent peer is never noticed. @default 'wan'
   */
  readonly heartbeat?: HeartbeatPreset | HeartbeatOptions | false;
  /** Says who a peer is, by its first messages. @default none: peers are numbered, and nobody is recognised when returning */
  readonly identify?: Identify<Out, In>;
  /** About identities that are connected already. @default 'replaceDead' */
  readonly duplicate?: DuplicatePolicy;
  readonly limits?: LimitOptions;
  /** Messages to one peer that wait because it reads slowly. The values are for each peer by itself. */
  readonly outbox?: OutboxOptions;
  /** Receives structured records without secrets. @default none */
  readonly logger?: Logger;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
}

/** Complete values, checked once. */
export interface ServerSettings<Out, In> {
  readonly protocol: Protocol<Out, In>;
  readonly heartbeat: Heartbeat | undefined;
  readonly heartbeatOptional: boolean;
  readonly identify: Identify<Out, In> | undefined;
  readonly duplicate: DuplicatePolicy;
  readonly limits: Limits;
  readonly outbox: Outgoing;
  readonly logger: Logger | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Throws an `OptionError` for the first value that cannot work. */
export function resolveServerOptions<Out, In>(options: ServerOptions<Out, In>): ServerSettings<Out, In> {
  const { protocol, identify, duplicate = "replaceDead", logger, clock = systemClock, random = Math.random } = options;
  if (typeof protocol?.start !== "function") throw new OptionError("protocol", "a protocol, such as framed(), json() or text()", protocol);
  if (identify !== undefined && typeof identify !== "function") throw new OptionError("identify", "a function (message, peer) => id", identify);
  if (!["replaceDead", "replace", "refuse"].includes(duplicate)) throw new OptionError("duplicate", "'replaceDead', 'replace' or 'refuse'", duplicate);
  const heartbeat = options.heartbeat === false ? undefined : resolveHeartbeat(options.heartbeat);
  if (identify !== undefined && heartbeat === undefined && duplicate === "replaceDead") {
    throw new OptionError("duplicate", "'replace' or 'refuse' where heartbeat is false: without pings nobody can tell a dead peer from a quiet one");
  }
  return {
    protocol, heartbeat, identify, duplicate, logger, clock, random,
    heartbeatOptional: typeof options.heartbeat === "object" && options.heartbeat.optional === true,
    limits: resolveLimits(options.limits),
    outbox: resolveOutbox(options.outbox),
  };
}

/** The heartbeat for peers of a transport. Throws an `OptionError` where nobody can ask "are you there?": silence would go unnoticed without a word. */
export function heartbeatOn(transport: Transport, { protocol, heartbeat, heartbeatOptional }: ServerSettings<never, never> | ServerSettings<unknown, unknown>): Heartbeat | undefined {
  if (heartbeat === undefined || protocol.pings || transport.traits.pings) return heartbeat;
  if (heartbeatOptional) return undefined;
  throw new OptionError("heartbeat", `false here, because nobody can ping: neither the protocol nor the ${transport.schemes[0] ?? ""} transport has a ping. Use json({ ping, pong }) if the peers answer one, framed() if they are holdfast too, or heartbeat: false to live without noticing a silent peer`);
}
