import { percentile, type Row } from "../report.ts";
import type { Kind } from "./driver-process.ts";
import type { Sample } from "./rounds.ts";

/** How long sessions of a kind took; Infinity for one that did not come back in time. */
export function times(samples: readonly Sample[], kind: Kind): readonly number[] {
  return of(samples, kind).map(({ took }) => took ?? Infinity);
}

/** The quickest session of any other client. */
export function bestRival(samples: readonly Sample[]): number {
  return Math.min(...samples.filter(({ kind }) => kind !== "holdfast").map(({ took }) => took ?? Infinity));
}

/** What became of our sessions and watches: nothing may be lost. */
export function lostOf(where: string, samples: readonly Sample[]): Row {
  const ours = of(samples, "holdfast");
  const lost = ours.filter(({ kept, fired }) => !kept || !fired).length;
  return { what: `${where}, sessions or watches lost of ${ours.length}`, ours: lost, figure: lost, unit: "", target: "0", met: lost === 0 && ours.length > 0 };
}

/** A line for each rival, with its own figures in place of ours. */
export function rivalsOf(where: string, samples: readonly Sample[], kinds: readonly Kind[]): readonly Row[] {
  return kinds.filter((kind) => kind !== "holdfast").map((kind) => {
    const all = of(samples, kind);
    const took = times(samples, kind);
    const lost = all.filter(({ kept, fired }) => !kept || !fired).length;
    return { what: `${where}, ${kind}: p50, and p95 (ms); lost`, ours: percentile(times(samples, "holdfast"), 0.5), rival: percentile(took, 0.5), figure: percentile(took, 0.95), unit: "ms", target: `lost ${lost} of ${all.length}` };
  });
}

function of(samples: readonly Sample[], kind: Kind): readonly Sample[] {
  return samples.filter((sample) => sample.kind === kind);
}
