// What many measurements come to. Knows numbers only.

/** The one in the middle, or halfway between the two in the middle; `NaN` of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
}

/** The least and the greatest. */
export function range(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)]
}

/** Half of the distance from the least to the greatest, as a share of the median: ± 0.05 is ± 5 %. */
export function halfSpread(values: readonly number[]): number {
  const [least, greatest] = range(values)
  return (greatest - least) / 2 / median(values)
}

/** The least of the values that so many of all do not exceed (the nearest rank); of none, `NaN`. `share` is above 0, at most 1. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN
}
