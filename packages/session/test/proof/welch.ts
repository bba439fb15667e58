/**
 * Do two classes of durations differ? Welch's t: the difference of their means in units of its standard error, each class with a variance of its own. From 4.5 on
 * it is no accident (two samples of one kind exceed that once in 150 000 times); the sign says nothing here. The test of dudect: O. Reparaz, J. Balasch, I. Verbauwhede, "Dude, is
 * my code constant time?", DATE 2017.
 */
export function welch(one: readonly number[] | Float64Array, other: readonly number[] | Float64Array): { readonly t: number; /** Mean of `one` less that of `other`. */ readonly difference: number } {
  const [a, b] = [moments(one), moments(other)];
  const difference = a.mean - b.mean;
  return { t: difference === 0 ? 0 : difference / Math.sqrt(a.variance / a.count + b.variance / b.count), difference };
}

/**
 * Interruptions, collections of garbage and other work of the machine are long, rare, and no matter of either class: what lies above the quantile of both together counts as that
 * quantile. The shortest tenth says most where the machine is busy: how many of each class are among it.
 */
export function capped(one: Float64Array, other: Float64Array, quantile: number): readonly [Float64Array, Float64Array] {
  const all = new Float64Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  all.sort();
  const most = all[Math.ceil(quantile * all.length) - 1] ?? Infinity;
  return [one.map((value) => Math.min(value, most)), other.map((value) => Math.min(value, most))];
}

/** In one pass, without the loss of digits that sums of squares have (Welford). */
function moments(values: readonly number[] | Float64Array): { readonly count: number; readonly mean: number; readonly variance: number } {
  let [count, mean, squares] = [0, 0, 0];
  for (const value of values) {
    count += 1;
    const before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  }
  return { count, mean, variance: squares / (count - 1) };
}
