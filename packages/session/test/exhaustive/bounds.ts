import type { Bounds } from "./setting.ts";

export interface Search { readonly bounds: Bounds; /** Settings that there are at least: the machines may get more, and never much fewer. */ readonly least: number }

/** Two holders of one credential, two keepers, three messages, two crashes, two late greetings, and so many dials of each. */
function full(...dials: readonly number[]): Bounds {
  return { holders: 2, keepers: 2, sends: [1, 1], says: 1, dials, crashes: 2, lates: 2 };
}

/** A few seconds in all. */
export const small: Readonly<Record<string, Search>> = {
  "one client that moves and returns, a keeper that crashes, a greeting that comes late": {
    bounds: { holders: 1, keepers: 2, sends: [1], says: 1, dials: [3], crashes: 1, lates: 1 }, least: 40_000,
  },
  "two holders of one credential, of which one dials again, three messages": {
    bounds: { holders: 2, keepers: 2, sends: [1, 1], says: 1, dials: [2, 1], crashes: 0, lates: 0 }, least: 30_000,
  },
  "two holders, three messages, two crashes, two greetings that come late": { bounds: full(1, 1), least: 10_000 },
};

/** For a soak. `most`: there are more settings than it waits for, and it looks at so many of them. */
export const large: Readonly<Record<string, { readonly bounds: Bounds; readonly most: number }>> = {
  "two holders, of which one dials again, three messages, two crashes, two late greetings": { bounds: full(2, 1), most: Infinity },
  "two holders that both dial again, three messages": { bounds: { ...full(2, 2), crashes: 0, lates: 0 }, most: Infinity },
  "two holders that both dial again, three messages, two crashes, two late greetings": { bounds: full(2, 2), most: 3_000_000 },
};

/** Looked at like the tiny ones, in a soak. */
export const thorough: Bounds = full(1, 1);

/** Small enough to be looked at in each order and by all that they are, to see whether the short way leaves something out. */
export const tiny: Readonly<Record<string, Bounds>> = {
  "one client that moves": { holders: 1, keepers: 2, sends: [1], says: 1, dials: [2], crashes: 1, lates: 1 },
  "two holders, one message each way": { holders: 2, keepers: 2, sends: [1, 0], says: 1, dials: [1, 1], crashes: 0, lates: 0 },
  "two holders, a crash, a late greeting": { holders: 2, keepers: 2, sends: [1, 0], says: 0, dials: [1, 1], crashes: 1, lates: 1 },
};
