import type { Random } from "@holdfast/core";
import { seededRandom } from "@holdfast/testkit";

/** What goes wrong, or is done on purpose. */
export const faultKinds = [
  "cut", "half-open", "hole out", "hole in", "hole both", "isolation", "slow", "crash", "client pause", "server pause", "late attach", "second holder", "store loss",
  "store trouble", "drain", "move", "clock jump", "slow handler", "foreign append", "pressure", "burst",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  readonly at: number;
  readonly kind: FaultKind;
  readonly server: number;
  readonly lasts: number;
  /** Whatever else it needs to know. */
  readonly dice: number;
}

/** One schedule: all that is decided before it begins. The rest follows from its seed. */
export interface Plan {
  readonly seed: number;
  readonly servers: number;
  /** The session's. */
  readonly timeout: number;
  /** `sync`: the store answers within the call. `quick`: within 2 ms. `slow`: after up to 800 ms each way. */
  readonly store: "sync" | "quick" | "slow";
  /** Least time that a frame travels. */
  readonly delay: number;
  /** Probability that news of the store do not arrive. */
  readonly newsLoss: number;
  readonly masterKey: boolean;
  readonly renew: boolean;
  readonly clientGrant: Grant;
  readonly keeperGrant: Grant;
  /** Most bytes that wait for a client. */
  readonly maxBytes: number;
  /** Messages that each side sends, and the longest of them. */
  readonly toKeeper: number;
  readonly toClient: number;
  readonly longest: number;
  /** Probabilities: a message is answered in one step with being handled; its handler fails. */
  readonly replies: number;
  readonly failures: number;
  readonly faults: readonly Fault[];
  /** When the last fault is over. */
  readonly calmAt: number;
  /** When the client says close; Infinity: after everything. */
  readonly closeAt: number;
}
export interface Grant { readonly frameMax: number; readonly windowMessages: number; readonly windowBytes: number }

const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const oneOf = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)] as T;

/** How often each kind is allowed at all in a run. The others: half of the runs. */
const chances: Partial<Record<FaultKind, number>> = { "cut": 0.6, "second holder": 0.12, "store loss": 0.08, "isolation": 0.15, "late attach": 0.4, "store trouble": 0.2 };

/** Draws a plan. Each run has a random half of what may go wrong, so that some runs have much of one thing. */
export function draw(seed: number): Plan {
  const random = seededRandom(seed);
  const allowed = faultKinds.filter((kind) => random() < (chances[kind] ?? 0.5));
  const servers = 1 + below(random, 3);
  const timeout = oneOf(random, [2_500, 4_000, 8_000, 20_000]);
  const span = 4_000 + below(random, 12_000);
  const count = allowed.length === 0 ? 0 : below(random, 9);
  const faults = Array.from({ length: count }, () => drawFault(random, oneOf(random, allowed), servers, timeout, span));
  const ordered = faults.toSorted((one, other) => one.at - other.at).filter(({ kind }, at, all) => !once.has(kind) || all.findIndex((fault) => fault.kind === kind) === at);
  const calmAt = ordered.reduce((latest, { at, lasts }) => Math.max(latest, at + lasts), span);
  return {
    seed, servers, timeout, calmAt, faults: ordered, store: oneOf(random, ["sync", "quick", "slow", "slow"]), delay: oneOf(random, [1, 5, 40]), newsLoss: oneOf(random, [0, 0.5, 1]),
    masterKey: random() < 0.5, renew: random() < 0.5, ...sizes(random), replies: oneOf(random, [0, 0.3, 1]), failures: oneOf(random, [0, 0, 0.1]),
    closeAt: random() < 0.25 ? below(random, span * 1.5) : Infinity,
  };
}

/** These happen at most once in a run. */
const once: ReadonlySet<FaultKind> = new Set(["second holder", "store loss"]);

function drawFault(random: Random, kind: FaultKind, servers: number, timeout: number, span: number): Fault {
  const longest = kind === "isolation" ? 2 * timeout : kind === "half-open" ? 4_000 : kind === "drain" ? 2_000 : kind.endsWith("pause") ? oneOf(random, [1_000, 10_000]) : oneOf(random, [500, 5_000]);
  return { at: below(random, span), kind, server: below(random, servers), lasts: 100 + below(random, longest), dice: random() };
}

function sizes(random: Random): Pick<Plan, "clientGrant" | "keeperGrant" | "maxBytes" | "toKeeper" | "toClient" | "longest"> {
  const small = random() < 0.4;
  const grant = (): Grant => small
    ? { frameMax: 256, windowMessages: 1 + below(random, 6), windowBytes: 2_000 + below(random, 4_000) }
    : { frameMax: oneOf(random, [256, 65_536]), windowMessages: 1_024, windowBytes: 1_048_576 };
  return {
    clientGrant: grant(), keeperGrant: grant(), maxBytes: small ? 8_000 : 1_048_576,
    toKeeper: below(random, 30), toClient: below(random, 30), longest: random() < 0.4 ? 1_500 : 40,
  };
}
