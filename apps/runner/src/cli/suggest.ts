/**
 * How many letters have to be inserted, deleted, replaced or swapped with their neighbour to get from one word to the other.
 *
 * @see Damerau (1964): these four are most of what goes wrong in typing; here each letter is touched once (optimal string alignment)
 */
export function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...Array<number>(b.length).fill(0)])
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, rows[i - 2]![j - 2]! + 1)
      rows[i]![j] = best
    }
  }
  return rows[a.length]![b.length]!
}

/** The candidate that was most likely meant: at most two slips away, but never most of a short word; or the one that the word begins. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates]
  const close = all
    .map((candidate) => ({ candidate, slips: distance(word, candidate) }))
    .filter(({ candidate, slips }) => slips <= 2 && (slips * 2 < candidate.length || (slips === 1 && candidate.length > 1)) && candidate !== word)
    .sort((a, b) => a.slips - b.slips || Number(sameLetters(b.candidate, word)) - Number(sameLetters(a.candidate, word)))
  if (close[0]) return close[0].candidate
  const begun = all.filter((candidate) => candidate.startsWith(word) && candidate !== word)
  return word.length >= 2 && begun.length === 1 ? begun[0] : undefined
}

/** Of two candidates equally far away, the one with the same letters in another order was meant. */
function sameLetters(a: string, b: string): boolean {
  return [...a].sort().join('') === [...b].sort().join('')
}
