import type { Millis, Random } from "@holdfast/core";

/** How long one exchange (a frame and its answer) takes, in a healthy network of a kind. */
export type Model = (random: Random) => Millis;

const lan: Model = (random) => 0.4 + 0.2 * random();

/** 80 ± 10 ms; one in a hundred is lost and sent again after 200 ms, then after 400, then after 600. */
const wan: Model = (random) => {
  let time = 70 + 20 * random();
  for (const retransmission of [200, 400, 600]) {
    if (random() >= 0.01) break;
    time += retransmission;
  }
  return time;
};

/** Lognormal round 120 ms; one in a hundred stalls for 1 to 5 s. */
const lte: Model = (random) => 120 * Math.exp(0.6 * normal(random)) + (random() < 0.01 ? 1_000 + 4_000 * random() : 0);

/** As `wan`; one in a thousand stalls for 2 to 12 s. */
const stall: Model = (random) => wan(random) + (random() < 0.001 ? 2_000 + 10_000 * random() : 0);

export const models: Readonly<Record<string, Model>> = { lan, wan, lte, stall };

/** Box and Muller. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
