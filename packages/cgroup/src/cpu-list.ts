/**
 * The numbers in the kernel's list format: `0-3,6`; empty text is no number. Ranges with a stride (`0-10:2/4`) are read too.
 *
 * @throws SyntaxError text that is no such list, or a number above 65,535: no kernel has as many CPUs or memory nodes
 * @see cpuset(7), "List format"
 */
export function parseCpuList(text: string): number[] {
  const numbers = new Set<number>()
  for (const range of text.trim().split(',')) {
    if (range === '') continue
    const match = /^(\d{1,5})(?:-(\d{1,5})(?::(\d{1,5})\/(\d{1,5}))?)?$/.exec(range)
    const [first, last, used, size] = [match?.[1], match?.[2] ?? match?.[1], match?.[3] ?? 1, match?.[4] ?? 1].map(Number) as [number, number, number, number]
    if (!match || first > last || last > 65_535 || size === 0) throw new SyntaxError(`not a list of CPUs: ${JSON.stringify(text.trim())}`)
    for (let start = first; start <= last; start += size) for (let each = start; each < start + used && each <= last; each++) numbers.add(each)
  }
  return [...numbers].sort((a, b) => a - b)
}
