/**
 * The v2 weight for v1 shares: minimum, default and maximum meet (2↔1, 1024↔100, 262144↔10000).
 *
 * The older linear formula made the default 1024 a weight of 39, less than half of a neighbour that nobody configured.
 *
 * @param shares 2 to 262144
 * @returns 1 to 10000
 * @see opencontainers/cgroups ConvertCPUSharesToCgroupV2Value
 */
export function weightOfShares(shares: number): number {
  if (shares <= 2) return 1
  if (shares >= 262144) return 10000
  const log = Math.log2(shares)
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
}

/**
 * The v1 shares for a v2 weight; the inverse of {@link weightOfShares}.
 *
 * @param weight 1 to 10000
 * @returns 2 to 262144
 */
export function sharesOfWeight(weight: number): number {
  // The quadratic above, solved for log2(shares).
  const log = (-125 + Math.sqrt(125 * 125 + 4 * 612 * (Math.log10(weight) + 7 / 34))) / 2
  return Math.min(262144, Math.max(2, Math.round(2 ** log)))
}
