/**
 * The course over a failover list: which endpoint is dialled next, and whether we may dial at once or must wait first.
 *
 * Round robin, so whoever just failed is last. Nobody waits until every endpoint was tried once; then comes a wait, then the
 * next lap. Whoever asked to be left alone is passed over, and nobody is dialled twice in a lap instead.
 *
 * The loss of a connection that had been stable counts as that endpoint's try in a fresh lap: with one endpoint there is always a
 * wait before the first redial, with several the others are dialled at once.
 */
import type { Millis } from "../ports/clock.ts";

export interface Course {
  /** Labels, in dialling order. May be empty before a provider was asked. */
  readonly endpoints: readonly string[];
  /** Index of the next endpoint. */
  readonly next: number;
  /** Dials left in this lap before we wait. */
  readonly left: number;
  /** Laps that failed since the last stable connection. */
  readonly lap: number;
  /** Dials since the last stable connection. */
  readonly attempt: number;
  /** Rounds since the last stable connection: every endpoint was dialled, or passed over, once more. A lap after a loss is shorter. */
  readonly round: number;
  /** Endpoints this round has seen. */
  readonly tried: number;
  /** Moments before which an endpoint asked not to be dialled. */
  readonly notBefore: Readonly<Record<string, Millis>>;
}

const nobody: Readonly<Record<string, Millis>> = {};

/** May this endpoint be dialled? */
export type Wanted = (endpoint: string) => boolean;
const anybody: Wanted = () => true;

export function startCourse(endpoints: readonly string[]): Course {
  return { endpoints, next: 0, left: endpoints.length, lap: 0, attempt: 0, round: 0, tried: 0, notBefore: nobody };
}

/** A fresh list from a provider. We go on after the endpoint dialled last, if it is still there. */
export function updateCourse(course: Course, endpoints: readonly string[]): Course {
  const last = course.endpoints[(course.next + course.endpoints.length - 1) % course.endpoints.length];
  const at = last === undefined ? -1 : endpoints.indexOf(last);
  // The first list of all starts a full lap. Later ones do not, or a provider of ever-new names would abolish the wait.
  // And while one is under way, whoever was dialled or lost last has had its turn, or it would be dialled again at once where others left the list.
  const underWay = course.left < course.endpoints.length && at >= 0;
  const left = course.endpoints.length === 0 ? endpoints.length : Math.min(course.left, endpoints.length - (underWay ? 1 : 0));
  const next = at >= 0 ? at + 1 : course.next;
  const notBefore = Object.fromEntries(Object.entries(course.notBefore).filter(([endpoint]) => endpoints.includes(endpoint)));
  return counted({ ...course, endpoints, notBefore, left, next: next % endpoints.length }, 0);
}

/** The endpoint to dial now, as an index; undefined when all that are left in this lap asked to be left alone for a while, or are not wanted. */
export function choose(course: Course, now: Millis, wanted: Wanted = anybody): number | undefined {
  for (let step = 0; step < course.left; step += 1) {
    const index = (course.next + step) % course.endpoints.length;
    const endpoint = course.endpoints[index] ?? "";
    if (wanted(endpoint) && (course.notBefore[endpoint] ?? 0) <= now) return index;
  }
  return undefined;
}

/** Those that were passed over count as tried in this lap. */
export function dialled(course: Course, index: number): Course {
  const { length } = course.endpoints;
  const passed = (index - course.next + length) % length;
  return counted({ ...course, next: (index + 1) % length, left: Math.max(0, course.left - 1 - passed), attempt: course.attempt + 1 }, 1 + passed);
}

/** `winner` was faster than others that had been dialled after it. They were not given the time to answer, and have their turn again. */
export function outrun(course: Course, winner: string, others: number): Course {
  return { ...beyond(course, winner), left: Math.min(course.endpoints.length - 1, course.left + others), tried: Math.max(0, course.tried - others) };
}

/** The connection to `lost` had lasted: a fresh count, and a lap behind it, in which it was already tried. */
export function settled(course: Course, lost: string): Course {
  return { ...beyond(course, lost), left: course.endpoints.length - 1, lap: 0, attempt: 0, round: 0, tried: 0, notBefore: nobody };
}

/** The next lap. Those that the last one did not come to, because they asked to be left alone, had their turn. */
export function lapped(course: Course): Course {
  return counted({ ...course, left: course.endpoints.length, lap: course.lap + 1 }, course.left);
}

/** The source had no list: the lap is over, and so is the round. */
export function unlisted(course: Course): Course {
  return { ...course, left: 0, attempt: course.attempt + 1, round: course.round + 1, tried: 0 };
}

function counted(course: Course, more: number): Course {
  const { length } = course.endpoints;
  const tried = course.tried + more;
  return length === 0 || tried < length ? { ...course, tried } : { ...course, round: course.round + 1, tried: Math.min(tried - length, length - 1) };
}

/** A lap of its own that begins behind `from`, the endpoint we are on. */
export function detour(course: Course, from: string): Course {
  const { length } = course.endpoints;
  return { ...course, next: (course.endpoints.indexOf(from) + 1) % length, left: length };
}

/** Behind that endpoint, if it is in the list. */
export function beyond(course: Course, endpoint: string): Course {
  const at = course.endpoints.indexOf(endpoint);
  return at < 0 ? course : { ...course, next: (at + 1) % course.endpoints.length };
}

/** One dial, to that endpoint; none, where it is not in the list. */
export function aimed(course: Course, at: string): Course {
  const index = course.endpoints.indexOf(at);
  return { ...course, next: Math.max(0, index), left: index < 0 ? 0 : 1 };
}

export function postponed(course: Course, endpoint: string, until: Millis): Course {
  return { ...course, notBefore: { ...course.notBefore, [endpoint]: until } };
}

/** The earliest moment at which some endpoint may be dialled; 0 while there is no list yet, for then a source must be asked. Infinity: nobody is wanted. */
export function earliest({ endpoints, notBefore }: Course, wanted: Wanted = anybody): Millis {
  return endpoints.length === 0 ? 0 : Math.min(...endpoints.map((endpoint) => wanted(endpoint) ? notBefore[endpoint] ?? 0 : Infinity));
}
