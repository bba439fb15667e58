import { systemClock } from "../clock/system-clock.ts";
import { parseList, resolveEntries } from "../endpoint/list.ts";
import { checkOnce, readQuery } from "../endpoint/query.ts";
import { OptionError } from "../errors/option-error.ts";
import { exponential, type Backoff } from "../policy/backoff.ts";
import { atLeast, finite, moreThanZero } from "../policy/bounds.ts";
import { resolveHeartbeat, type Heartbeat, type HeartbeatOptions, type HeartbeatPreset } from "../policy/heartbeat.ts";
import type { LinkPolicy } from "../policy/link-policy.ts";
import { shuffle } from "../policy/shuffle.ts";
import type { DialLimiter } from "../ports/limiter.ts";
import type { Transport } from "../ports/channel.ts";
import type { Clock, Millis, Random } from "../ports/clock.ts";
import type { Endpoint, EndpointEntry, EndpointSource } from "../ports/endpoint.ts";
import type { Protocol } from "../ports/protocol.ts";
import type { InFlight, Resend } from "../ports/resend.ts";
import type { Logger } from "./logger.ts";
import { measure, resolveOutbox, type OutboxOptions, type Outgoing } from "./outbox.ts";
import { inOrder, resolvePriority, type PriorityOptions } from "./priority.ts";

/** How a link dials, watches, waits and gives up. Durations in ms. Everything but `endpoints`, `transports` and `protocol` has a default. */
export interface LinkOptions<Out, In> {
  /**
   * Where to dial: a URI, a list `a,b,c` (bare `host:port` where there is one transport), a plain
   * `failover:(a,b)?key=value` (`withFailover` of `@holdfast/core/failover` reads all of them), an array of URIs or of
   * `{ uri, …options for the transport }`, or a source that is asked before every dial.
   */
  readonly endpoints: string | readonly EndpointEntry[] | EndpointSource;
  readonly transports: readonly Transport[];
  readonly protocol: Protocol<Out, In>;
  /** A preset (`'wan'`, `'lan'`, `'mobile'`), values of your own, or false: then a silent peer is never noticed. @default 'wan' */
  readonly heartbeat?: HeartbeatPreset | HeartbeatOptions | false;
  /** The wait after each lap over the list. @default exponential(): full jitter, 250 ms … 8 s */
  readonly backoff?: Backoff;
  /**
   * After the loss of an established connection the first dial to another endpoint waits a random 0 … this, so that the clients of a
   * server that died do not all reach the others in one instant. Costs half of it per failover, on average. Does not add to the waits
   * of `backoff`, nor spread a move that a peer asked for (it names its own spread). 0: at once. @default 0
   */
  readonly failoverSpread?: Millis;
  /** Shared with other links: bounds the dials of all of them together. `dialLimiter` of `@holdfast/core/limiter`. @default none */
  readonly limiter?: DialLimiter;
  /** Shuffle a fixed list once, so that clients spread over the servers. A source decides its own order. @default true */
  readonly shuffle?: boolean;
  /** Longest time for one dial, greeting included. @default 5000 */
  readonly dialTimeout?: Millis;
  /**
   * While a dial or a greeting takes longer than this, the next endpoint is tried as well; whoever greets first wins, and the others are dropped.
   * Infinity: one after the other. Where greeting is a takeover that the protocol replays only the dials race; where nobody replays it, this
   * does nothing. After RFC 8305. @default 250
   */
  readonly stagger?: Millis;
  /** Uptime after which a connection earns a fresh attempt count. @default 10000 */
  readonly stableAfter?: Millis;
  /** Dials in a row without a stable connection before the link closes. 0: never redial. @default Infinity */
  readonly maxAttempts?: number;
  /** The same until the first connection. At least one dial is made. @default `maxAttempts` */
  readonly maxInitialAttempts?: number;
  /**
   * Rounds over the whole list without a stable connection before the link closes: as `maxAttempts`, but a round is one dial to each
   * endpoint. 0: never redial. A source that has no list uses up a round. @default Infinity
   */
  readonly maxRounds?: number;
  /** The same until the first connection. At least one round is made. @default `maxRounds` */
  readonly maxInitialRounds?: number;
  /**
   * Warn (to `logger`, or on the console without one) at the first lap that failed since the last connection, and at every multiple of
   * this number of laps, whether somebody listens to `waiting` or not. 0: never warn. @default once per link, where nobody listens
   */
  readonly warnAfter?: number;
  /** Longest outage before the link closes. @default Infinity */
  readonly giveUpAfter?: Millis;
  /** How long a polite goodbye may take, and how long a move to another channel waits for the last confirmation on the old one. @default 5000 */
  readonly drainTimeout?: Millis;
  /**
   * Channels kept in reserve (hot standby), each to another endpoint and with a heart of its own: after a loss the link is on one of them in
   * the same turn. Greeted, or only dialled where greeting is a takeover; an `OptionError` where the protocol allows no second channel.
   * One that fails or is used is replaced after the backoff. A server sees each of them as a peer. @default 0
   */
  readonly standby?: number;
  /**
   * Where the link would rather be. While it is elsewhere it keeps a channel to a primary and asks for signs of life; after enough of them
   * it moves there (`migrated`, cause `priority`). An `OptionError` where the protocol allows no second channel. @default none
   */
  readonly priority?: PriorityOptions;
  /**
   * Most channels at a time: one in use, one to move to, the reserve, the others saying goodbye; the oldest of these is cut short. At
   * least 2 and the reserve. @default 4 + `standby`
   */
  readonly maxChannels?: number;
  /**
   * What a suspicion does (`suspected`: an answer is overdue). True: another endpoint is dialled and greeted, and if the suspect is still
   * silent then, the link moves there (`migrated`, cause `suspected`, then `connected`). False: it is told, and changes nothing. Needs two
   * endpoints, and a peer that answers pings (no one-way heartbeat); never where greeting twice would be a takeover that is not
   * replayed. @default true
   */
  readonly suspicion?: boolean;
  /** Messages sent while they cannot go out, and what becomes of those that went out and were not confirmed. */
  readonly outbox?: LinkOutboxOptions;
  /** Messages a slow `for await` may leave unread before the channel is paused. @default 64 */
  readonly maxUnread?: number;
  /** Receives structured, secret-free records. False also silences the one warning about a list nobody answers on. @default none */
  readonly logger?: Logger | false;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default Math.random */
  readonly random?: Random;
}

export interface LinkOutboxOptions extends OutboxOptions {
  /**
   * Messages that were sent and not confirmed when their channel is lost are sent again on the next one, in order, before what waits: at
   * least once, so a peer may get one twice. `resend({ maxBytes })` of `@holdfast/core/resend`. Needs a heartbeat that is answered; `framed()`
   * confirms exactly, other protocols up to the last answered ping. Nothing outlives the process. @default none: they are counted
   */
  readonly resend?: Resend;
}

/** Complete values, checked once. */
export interface LinkSettings<Out, In> {
  readonly endpoints: readonly Endpoint[];
  readonly source: EndpointSource | undefined;
  readonly transports: readonly Transport[];
  readonly protocol: Protocol<Out, In>;
  readonly heartbeat: Heartbeat | undefined;
  readonly heartbeatOptional: boolean;
  readonly policy: LinkPolicy;
  readonly limiter: DialLimiter | undefined;
  readonly outbox: Outgoing;
  readonly inFlight: InFlight<Out> | undefined;
  readonly maxUnread: number;
  readonly logger: Logger | false | undefined;
  readonly warnAfter: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** Throws an `OptionError` for the first value that cannot work. */
export function resolveLinkOptions<Out, In>(options: LinkOptions<Out, In>): LinkSettings<Out, In> {
  const { transports, protocol, random = Math.random } = options;
  if (!Array.isArray(transports) || transports.length === 0) throw new OptionError("transports", "an array with at least one transport, such as [tcp()]", transports);
  if (typeof protocol?.start !== "function") throw new OptionError("protocol", "a protocol, such as framed(), json() or text()", protocol);
  if (options.limiter !== undefined && typeof options.limiter?.turn !== "function") throw new OptionError("limiter", "a limiter, such as dialLimiter()", options.limiter);
  const { resend } = options.outbox ?? {};
  if (resend !== undefined && typeof resend?.start !== "function") throw new OptionError("outbox.resend", "made by resend() of @holdfast/core/resend", resend);
  const where = readEndpoints(options);
  const heartbeat = options.heartbeat === false ? undefined : resolveHeartbeat(options.heartbeat);
  const optional = typeof options.heartbeat === "object" && options.heartbeat.optional === true;
  if (heartbeat && !optional) requirePing(protocol, transports, where.endpoints);
  const priority = resolvePriority(options.priority, where, transports, handover(protocol) !== "none");
  const endpoints = inOrder(where.shuffle ? shuffle(where.endpoints, random) : where.endpoints, priority);
  return {
    endpoints, source: where.source, transports, protocol, heartbeat, heartbeatOptional: optional,
    policy: resolvePolicy(options, where, heartbeat, { priority, endpoints: where.source ? undefined : endpoints.map(({ label }) => label) }),
    limiter: options.limiter,
    outbox: resolveOutbox(options.outbox),
    inFlight: resend?.start({ replays: protocol.replays === true, heartbeat, mute: muteScheme(protocol, transports, where.endpoints), measure: protocol.size ?? measure }),
    maxUnread: atLeast("maxUnread", options.maxUnread ?? 64, 1),
    logger: options.logger, warnAfter: options.warnAfter === undefined ? undefined : atLeast("warnAfter", options.warnAfter, 0), clock: options.clock ?? systemClock, random,
  };
}

const usual = exponential();

interface Where { readonly endpoints: readonly Endpoint[]; readonly source: EndpointSource | undefined; readonly shuffle: boolean; readonly query: ReturnType<typeof readQuery> }

function readEndpoints({ endpoints, transports, shuffle: wanted }: LinkOptions<never, never>): Where {
  if (typeof endpoints === "object" && endpoints !== null && "list" in endpoints) return { endpoints: [], source: endpoints, shuffle: false, query: {} };
  if (typeof endpoints !== "string" && !Array.isArray(endpoints)) throw new OptionError("endpoints", "a URI, a list of URIs or a source with list()", endpoints);
  const text = typeof endpoints === "string" ? parseList(endpoints) : { members: endpoints as readonly EndpointEntry[], query: {} };
  const query = readQuery(text.query);
  checkOnce("randomize", query.shuffle, "shuffle", wanted);
  return { endpoints: resolveEntries(text.members, transports), source: undefined, shuffle: wanted ?? query.shuffle ?? true, query };
}

function resolvePolicy(options: LinkOptions<never, never>, { query }: Where, heartbeat: Heartbeat | undefined, { endpoints, priority }: Pick<LinkPolicy, "endpoints" | "priority">): LinkPolicy {
  const maxAttempts = atLeast("maxAttempts", options.maxAttempts ?? Infinity, 0);
  const maxRounds = atLeast("maxRounds", options.maxRounds ?? Infinity, 0);
  checkOnce("…Delay", query.backoff, "backoff", options.backoff);
  const backoff = options.backoff ?? (query.backoff === undefined ? usual : exponential(query.backoff));
  if (typeof backoff.delay !== "function") throw new OptionError("backoff", "a backoff, such as exponential() or constant(1000)", backoff);
  const stagger = moreThanZero("stagger", options.stagger ?? 250);
  const spares = atLeast("standby", options.standby ?? 0, 0);
  if (spares > 0 && options.protocol.standby === "none") throw new OptionError("standby", "0 here, because the protocol allows no second channel", spares);
  return {
    backoff,
    endpoints,
    failoverSpread: finite("failoverSpread", options.failoverSpread ?? 0),
    dialTimeout: moreThanZero("dialTimeout", options.dialTimeout ?? 5_000),
    stagger: handover(options.protocol) === "none" ? Infinity : stagger,
    stableAfter: atLeast("stableAfter", options.stableAfter ?? 10_000, 0),
    maxAttempts,
    maxInitialAttempts: atLeast("maxInitialAttempts", options.maxInitialAttempts ?? maxAttempts, 0),
    maxRounds,
    maxInitialRounds: atLeast("maxInitialRounds", options.maxInitialRounds ?? maxRounds, 0),
    giveUpAfter: moreThanZero("giveUpAfter", options.giveUpAfter ?? Infinity),
    drainTimeout: moreThanZero("drainTimeout", options.drainTimeout ?? 5_000),
    maxChannels: atLeast("maxChannels", options.maxChannels ?? 4 + spares, 2 + spares),
    handover: handover(options.protocol),
    reserve: options.protocol.standby,
    spares,
    suspicion: heartbeat && options.suspicion !== false && handover(options.protocol) !== "none" ? heartbeat : undefined,
    priority,
  };
}

/** Two channels at once, or not: greeting a second one would be a takeover, unless the protocol means it to be one. */
function handover({ standby, replays }: Protocol<never, never>): LinkPolicy["handover"] {
  if (standby === "none" || (standby === "dialled" && !replays)) return "none";
  return replays ? "replayed" : "settled";
}

/** Somebody must be able to ask "are you there?" on every endpoint, or silence would go unnoticed without a word. */
function requirePing(protocol: Protocol<never, never> | Protocol<unknown, unknown>, transports: readonly Transport[], endpoints: readonly Endpoint[]): void {
  const mute = muteScheme(protocol, transports, endpoints);
  if (mute === undefined) return;
  throw new OptionError("heartbeat", `false here, because nobody can ping: neither the protocol nor the ${mute} transport has a ping. Use json({ ping, pong }) if the peer answers one, framed() if the peer is holdfast too, or heartbeat: false to live without noticing a silent peer`);
}

/** The scheme of a transport on which nobody can ping. */
function muteScheme({ pings }: Pick<Protocol<never, never>, "pings">, transports: readonly Transport[], endpoints: readonly Endpoint[]): string | undefined {
  if (pings) return undefined;
  const used = endpoints.length === 0 ? transports : transports.filter(({ schemes }) => endpoints.some(({ scheme }) => schemes.includes(scheme)));
  return used.find(({ traits }) => !traits.pings)?.schemes[0];
}
