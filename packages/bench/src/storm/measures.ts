/** Moments in ascending order, in ms. */
export type Moments = readonly number[];

/** How many fall into each of the windows from `from` to `to`, one behind the other. The last one may be cut short, and then counts for less. */
export function counts(moments: Moments, width: number, from: number, to: number): readonly number[] {
  const windows = Array.from({ length: Math.ceil((to - from) / width) }, () => 0);
  for (const at of moments) {
    if (at < from || at >= to) continue;
    const window = Math.floor((at - from) / width);
    windows[window] = (windows[window] ?? 0) + 1;
  }
  return windows;
}

/** The most that fall into any window of that width within `from` … `to`, wherever it begins. */
export function busiest(moments: Moments, width: number, from = 0, to = Infinity): number {
  const within = moments.filter((at) => at >= from && at < to);
  let most = 0;
  let first = 0;
  within.forEach((at, last) => {
    while ((within[first] ?? at) <= at - width) first += 1;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

/** How many fall into a window of that width on average, within `from` … `to`. */
export function average(moments: Moments, width: number, from: number, to: number): number {
  return (moments.filter((at) => at >= from && at < to).length * width) / (to - from);
}

/** The moment by which that share of them has come. */
export function by(moments: Moments, share: number): number {
  return moments[Math.max(0, Math.ceil(share * moments.length) - 1)] ?? Number.NaN;
}
