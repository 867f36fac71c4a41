/**
 * The numbers of a flat keyed file: `KEY VALUE` per line, as in memory.stat, memory.events, cpu.stat.
 *
 * Counters above 2^53 lose their last digits: bytes and nanoseconds stay below that for a hundred days of 1,000 CPUs.
 *
 * @see Documentation/admin-guide/cgroup-v2.rst, "Format"
 */
export function parseFlatKeyed(text: string): Record<string, number> {
  const values: Record<string, number> = {}
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ')
    const value = Number(line.slice(space + 1))
    if (space > 0 && Number.isFinite(value)) values[line.slice(0, space)] = value
  }
  return values
}

/** A file of one number; null for `max`, -1 and v1's "no limit", undefined when there is no such file or no number in it. */
export function parseLimit(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined
  const word = text.trim()
  // v1 memory counters stop at PAGE_COUNTER_MAX pages: LONG_MAX rounded down to a page, whatever its size.
  if (word === 'max' || word === '-1' || Number(word) >= 2 ** 63 - 2 ** 17) return null
  return parseCount(word)
}

/** A file of one number; undefined when there is no such file or no number in it. */
export function parseCount(text: string | undefined): number | undefined {
  return text === undefined || text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text)
}
