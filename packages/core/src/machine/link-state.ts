/** What a link machine is, hears, orders and tells. The rules are in `link.ts`, `move.ts`, `spares.ts` and `suspicion.ts`. */
import type { Next } from "../errors/holdfast-error.ts";
import type { LinkPolicy } from "../policy/link-policy.ts";
import type { Millis } from "../ports/clock.ts";
import { settled, type Course } from "./course.ts";

export type Phase = "idle" | "connecting" | "waiting" | "connected" | "closed";
export type Stage = "resolving" | "dialing" | "greeting" | "standby" | "spare" | "active" | "leaving" | "draining";
export interface Slot {
  readonly epoch: number;
  readonly stage: Stage;
  readonly endpoint: string;
  readonly wakeAt: Millis;
  /** Of one that is kept in reserve (stage `spare`), or on its way there. */
  readonly spare?: Spare;
  /** Left because it was silent: an answer shows that we were wrong. */
  readonly suspect?: true;
  /** Of one that asked us to leave: where we go first. */
  readonly to?: string;
}
export interface Spare {
  /** When it was ready; Infinity while it is on its way. */
  readonly since: Millis;
  /** It was asked for a sign of life, and the answer is due. */
  readonly asked: boolean;
  /** Answers of a primary since we keep it to go back there. */
  readonly good: number;
}

export interface Travels {
  readonly slots: readonly Slot[];
  readonly epoch: number;
  readonly course: Course;
  readonly met: boolean;
  readonly downSince: Millis;
  /** From the first suspicion that was wrong, or was acted on. */
  readonly caution?: Caution;
}
export interface Caution {
  /** Suspicions that proved wrong: each doubles the margin. */
  readonly raised: number;
  /** No other suspicion is acted on before this moment. */
  readonly calm: Millis;
}
export type LinkState =
  | { readonly phase: "idle" }
  /** `until`: when the next endpoint is tried as well, where there is one. */
  | (Travels & { readonly phase: "connecting"; readonly until?: Millis })
  | (Travels & { readonly phase: "waiting"; readonly until: Millis })
  | Connected
  | { readonly phase: "closed"; readonly cause: CloseCause; readonly slots: readonly Slot[] };
export type Connected = Travels & {
  readonly phase: "connected";
  readonly since: Millis;
  /** Only while the link is on its way to another channel. */
  readonly move?: Move;
  /** Only while the channel in use is suspected: when another one is prepared; -Infinity from then on. */
  readonly doubt?: Millis;
  /** Only where a reserve is, or was, to be filled. */
  readonly fill?: Fill;
};
/** How the reserve is filled. */
export interface Fill {
  readonly course: Course;
  /** When the next spare is dialled; Infinity where one is on its way, or at once if one is missing. */
  readonly until: Millis;
}
export type Moving = Connected & { readonly move: Move };
export interface Move {
  readonly cause: MoveCause;
  /** The one endpoint the user asked for. */
  readonly wanted: string | undefined;
  /** Which candidate is next. Its counts are its own. */
  readonly course: Course;
  /** When the next candidate is dialled; Infinity while one is on its way. */
  readonly until: Millis;
}
export type Live = Exclude<LinkState, { phase: "idle" | "closed" }>;

/** Why a channel ended. `failed`: it never came about. */
export type LossCause = "failed" | "closed" | "reset" | "heartbeat" | "suspected" | "refused" | "protocol" | "timeout" | "drained" | "requested";
/** Why a link changed its channel: the user asked, or the peer did, or the old channel was silent, or a primary is back. */
export type MoveCause = "requested" | "drained" | "suspected" | "priority";
/** Why a link ended: the user asked, a peer refused for good, or all attempts were used up. */
export type CloseCause = "requested" | "refused" | "exhausted";

export type LinkEvent =
  | { readonly type: "open" }
  | { readonly type: "close"; readonly how: "close" | "abort" }
  | { readonly type: "wake" }
  | { readonly type: "retryNow" }
  /** The user wants another channel: to that endpoint, or to any other. */
  | { readonly type: "migrate"; readonly endpoint: string | undefined }
  | { readonly type: "resolved"; readonly epoch: number; readonly endpoints: readonly string[] }
  /** The dial that was ordered waits for its turn (`on`), or it has come: its deadline counts from then on. */
  | { readonly type: "held"; readonly epoch: number; readonly on: boolean }
  | { readonly type: "dialed"; readonly epoch: number }
  | { readonly type: "greeted"; readonly epoch: number }
  | { readonly type: "leave"; readonly epoch: number; readonly within: Millis; readonly spread: Millis; /** Where to first. */ readonly to?: string | undefined }
  /** After `hold`: the peer has all that was sent on this channel, or will never say so. */
  | { readonly type: "settled"; readonly epoch: number }
  /** An answer is overdue. */
  | { readonly type: "suspected"; readonly epoch: number }
  /** Something was heard of a suspect. */
  | { readonly type: "answered"; readonly epoch: number }
  /** After `probe`: it is alive, or can never say so. */
  | { readonly type: "proven"; readonly epoch: number }
  | { readonly type: "lost"; readonly epoch: number; readonly cause: LossCause; readonly next: Next; readonly retryAfter: Millis };

export type LinkEffect =
  | { readonly type: "resolve"; readonly epoch: number }
  | { readonly type: "dial"; readonly epoch: number; readonly index: number }
  /** Begin the conversation. `standby`: it is not in use yet. */
  | { readonly type: "greet"; readonly epoch: number; readonly duty: "active" | "standby" }
  /** Ask for a sign of life. */
  | { readonly type: "probe"; readonly epoch: number }
  | { readonly type: "hangUp"; readonly epoch: number; readonly how: "close" | "abort"; readonly cause: LossCause }
  /** The waiting messages may go out now. */
  | { readonly type: "flush" }
  /** Send nothing more on the active channel, and ask whether the peer has everything. */
  | { readonly type: "hold" }
  /** Send on the active channel again. */
  | { readonly type: "release" }
  | { readonly type: "report"; readonly report: LinkReport };
export type LinkReport =
  | { readonly name: "connecting"; readonly attempt: number; readonly endpoint: string }
  | { readonly name: "failed"; readonly attempt: number; readonly endpoint: string; readonly stage: Stage; readonly cause: LossCause }
  | { readonly name: "connected"; readonly endpoint: string; readonly epoch: number }
  | { readonly name: "prepared"; readonly endpoint: string; readonly epoch: number }
  | { readonly name: "migrated"; readonly from: string; readonly to: string; readonly cause: MoveCause; readonly epoch: number }
  | { readonly name: "draining"; readonly endpoint: string; readonly within: Millis }
  | { readonly name: "disconnected"; readonly endpoint: string; readonly cause: LossCause; readonly epoch: number }
  | { readonly name: "waiting"; readonly attempt: number; readonly delay: Millis }
  | { readonly name: "closed"; readonly cause: CloseCause };

export interface LinkMoment { readonly now: Millis; readonly dice: number }
export interface LinkStep { readonly state: LinkState; readonly effects: readonly LinkEffect[] }

export const idle: LinkState = { phase: "idle" };

export function common({ slots, epoch, course, met, downSince, caution }: Live): Travels {
  return { slots, epoch, course, met, downSince, ...(caution && { caution }) };
}

/** A connection is over: only one that lasted earns a fresh count and a fresh outage. */
export function loosen(policy: LinkPolicy, state: Live, { endpoint }: Slot, { now }: LinkMoment): Live {
  const stable = state.phase === "connected" && now - state.since >= policy.stableAfter;
  return stable ? { ...state, course: settled(state.course, endpoint), downSince: now } : state;
}

export function replace<S extends { readonly slots: readonly Slot[] }>(state: S, slot: Slot): S {
  return { ...state, slots: state.slots.map((other) => (other.epoch === slot.epoch ? slot : other)) };
}

export function remove<S extends { readonly slots: readonly Slot[] }>(state: S, epoch: number): S {
  return { ...state, slots: state.slots.filter((slot) => slot.epoch !== epoch) };
}

/** A connected link without its move. */
export function still(state: Connected): Connected {
  const { phase, since, doubt, fill } = state;
  return { ...common(state), phase, since, ...(doubt !== undefined && { doubt }), ...(fill && { fill }) };
}

/** A slot that is in reserve no more. */
export function bare({ epoch, endpoint, wakeAt, stage }: Slot): Slot {
  return { epoch, stage, endpoint, wakeAt };
}

export const onItsWay = ({ stage }: Slot): boolean => stage === "resolving" || stage === "dialing" || stage === "greeting";
/** The stages of a channel that messages go through. */
export const used = ({ stage }: Slot): boolean => stage === "active" || stage === "leaving";

/** A backoff of a stranger may neither stop the dialling nor hammer; `custom` promises the same. */
export const sane = (wait: Millis): Millis => (Number.isFinite(wait) ? Math.max(0, wait) : 30_000);
export const stay = (state: LinkState): LinkStep => ({ state, effects: [] });
export const report = (value: LinkReport): LinkEffect => ({ type: "report", report: value });
export const hangUp = (epoch: number, how: "close" | "abort", cause: LossCause): LinkEffect => ({ type: "hangUp", epoch, how, cause });
export const disconnected = ({ endpoint, epoch }: Slot, cause: LossCause): LinkEffect => report({ name: "disconnected", endpoint, cause, epoch });
