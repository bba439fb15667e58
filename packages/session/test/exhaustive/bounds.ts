import type { Bounds } from "./setting.ts";

export interface Search { readonly bounds: Bounds; /** Settings that there are at least: the machines may get more, and never much fewer. */ readonly least: number }

/** A few seconds each. */
export const small: Readonly<Record<string, Search>> = {
  "one client that moves and returns, a keeper that crashes, a greeting that comes late": {
    bounds: { holders: 1, keepers: 2, sends: [1], says: 1, dials: [2], crashes: 1, lates: 1 }, least: 20_000,
  },
  "two holders of one credential, three messages": {
    bounds: { holders: 2, keepers: 2, sends: [1, 1], says: 1, dials: [1, 1], crashes: 0, lates: 0 }, least: 8_000,
  },
  "two holders, two messages, a keeper that crashes, a greeting that comes late": {
    bounds: { holders: 2, keepers: 2, sends: [1, 0], says: 1, dials: [1, 1], crashes: 1, lates: 1 }, least: 25_000,
  },
};

/** For a soak: the first so many settings, by their distance from the beginning. */
export const large: { readonly bounds: Bounds; readonly most: number } = {
  bounds: { holders: 2, keepers: 2, sends: [1, 1], says: 1, dials: [2, 1], crashes: 2, lates: 2 }, most: 3_000_000,
};
