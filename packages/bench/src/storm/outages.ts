import { exponential } from "@holdfast/core";
import { dialLimiter } from "@holdfast/core/limiter";
import type { Outage } from "./simulated.ts";

export const minute = 60_000;
export const spread = 5_000;
/** The longest wait of the default backoff, and of one that spares a server more while it is gone. */
export const cap = 8_000;
export const highCap = 30_000;

/** Ten thousand clients that lose their only server for a minute. */
const lonely: Outage = { clients: 10_000, servers: 1, dying: 1, lasts: minute };
/** Ten thousand on three servers, of which one dies and stays dead. */
const bereft: Outage = { clients: 10_000, servers: 3, dying: 1, lasts: Infinity };
/** A brief outage, as a restart is one. */
const brief: Outage = { clients: 500, servers: 1, dying: 1, lasts: 3_000 };

export const outages = {
  lonely,
  highCap: { ...lonely, choice: { backoff: exponential({ max: highCap }) } },
  withoutJitter: { ...lonely, choice: { backoff: exponential({ max: highCap, jitter: "none" }) } },
  bereft,
  spread: { ...bereft, choice: { failoverSpread: spread } },
  allThree: { ...lonely, servers: 3, dying: 3, choice: { failoverSpread: spread } },
  brief,
  quick: { ...brief, choice: { backoff: exponential({ initial: 500, max: 2_000, jitter: "equal" }) } },
  limited: { ...brief, choice: (clock) => ({ backoff: exponential({ max: 1_000 }), limiter: dialLimiter({ perSecond: 270, clock }) }) },
} satisfies Readonly<Record<string, Outage>>;
