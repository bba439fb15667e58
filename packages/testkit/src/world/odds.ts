import { OptionError, type Millis, type Random } from "@holdfast/core";

/** How often what goes wrong in a simulated world. All probabilities are 0 by default: a world without faults. */
export interface FaultOdds {
  /** Shortest one-way delay of a packet, in ms. @default 1 */
  readonly delayMin: Millis;
  /** Mean one-way delay; what exceeds the minimum is exponentially distributed. @default 20 */
  readonly delayMean: Millis;
  /** Probability that a dial is refused. @default 0 */
  readonly refuse: number;
  /** Probability that a dial is never answered. @default 0 */
  readonly hang: number;
  /** Probability that a dial succeeds and nobody is behind it: accepted, and silence. @default 0 */
  readonly mute: number;
  /** Probability that a connection is cut one day. Each end hears of it by itself, up to `noticeMax` later. @default 0 */
  readonly cut: number;
  /** Probability that a connection loses everything from one day on, in one direction or both, and nobody is told. @default 0 */
  readonly blackHole: number;
  /** Mean time from a connection's beginning to its cut or black hole. @default 5_000 */
  readonly faultAfter: Millis;
  /** How much later than its cut an end of a connection hears of it at most. @default 4_000 */
  readonly noticeMax: Millis;
  /** Probability, per packet, that its way clogs: both directions stand still, and go on later with nothing lost. @default 0 */
  readonly clog: number;
  /** Mean time that a way stays clogged. @default 500 */
  readonly clogMean: Millis;
  /** Mean time between two crashes of a host that has something to boot; `Infinity`: none. Short times make a flapping server. @default Infinity */
  readonly crashEvery: Millis;
  /** Mean time until a crashed host comes back. @default 2_000 */
  readonly downMean: Millis;
  /** Probability that a crash is a loss of power: the peers hear nothing. Otherwise the system resets their connections. @default 0.5 */
  readonly powerLoss: number;
}

export const noFaults: FaultOdds = {
  delayMin: 1, delayMean: 20, refuse: 0, hang: 0, mute: 0, cut: 0, blackHole: 0, faultAfter: 5_000, noticeMax: 4_000,
  clog: 0, clogMean: 500, crashEvery: Infinity, downMean: 2_000, powerLoss: 0.5,
};

/** Complete odds; throws an `OptionError` for the first that make no sense. */
export function oddsOf(given: Partial<FaultOdds>): FaultOdds {
  const odds = { ...noFaults, ...given };
  for (const name of ["refuse", "hang", "mute", "cut", "blackHole", "clog", "powerLoss"] as const) {
    if (!(odds[name] >= 0 && odds[name] <= 1)) throw new OptionError(`faults.${name}`, "a probability from 0 to 1", odds[name]);
  }
  for (const name of ["delayMin", "delayMean", "faultAfter", "noticeMax", "clogMean", "crashEvery", "downMean"] as const) {
    if (!(odds[name] >= 0)) throw new OptionError(`faults.${name}`, "0 or more ms", odds[name]);
  }
  if (odds.delayMean < odds.delayMin) throw new OptionError("faults.delayMean", `at least delayMin (${odds.delayMin})`, odds.delayMean);
  if (odds.refuse + odds.hang + odds.mute > 1) throw new OptionError("faults.refuse, hang and mute", "at most 1 together", odds.refuse + odds.hang + odds.mute);
  return odds;
}

/**
 * Odds where a random half of the faults is on, each with a random strength. Worlds with all faults at once never live long enough to
 * reach the rare states; swarms of different worlds do.
 */
export function swarmFaults(random: Random): FaultOdds {
  const perhaps = (most: number): number => (random() < 0.5 ? random() * most : 0);
  const delayMin = random() * 20;
  return {
    delayMin, delayMean: delayMin + random() * 100,
    refuse: perhaps(0.3), hang: perhaps(0.2), mute: perhaps(0.2),
    cut: perhaps(0.9), blackHole: perhaps(0.4), faultAfter: 200 + random() * 10_000, noticeMax: perhaps(8_000),
    clog: perhaps(0.02), clogMean: 50 + random() * 3_000,
    crashEvery: random() < 0.5 ? 500 + random() * 30_000 : Infinity, downMean: 10 + random() * 5_000, powerLoss: random(),
  };
}

/** Waiting time to an event that has no memory. */
export function exponential(mean: Millis, random: Random): Millis {
  return -Math.log(1 - random()) * mean;
}
