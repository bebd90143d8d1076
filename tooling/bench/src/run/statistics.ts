/** The value below which a share of the values lies; `NaN` where there are none. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (sorted.length - 1) * share;
  const [below = Number.NaN, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** The median of the values; `NaN` where there are none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The median of one figure of several runs. */
export function medianOf<T>(runs: readonly T[], figure: (run: T) => number): number {
  return median(runs.map(figure));
}

/** Half the distance of the quartiles, as a share of the median: half of all runs lie closer to the median than this. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / median(values);
}
