import { integer } from './integer.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'

// CONFIG_NR_CPUS is at most 8192 and node numbers at most 1023; a wider range in a text is not from a kernel.
const HIGHEST = 65_535

/**
 * The members of a kernel list of processors or memory nodes: `0-2,7` is 0, 1, 2 and 7.
 *
 * @see cpuset(7) List format
 */
export function cpuList(text: string, place: Place): number[] {
  const members: number[] = []
  if (text === '') return members
  for (const range of text.split(',')) {
    const dash = range.indexOf('-')
    const first = integer(dash === -1 ? range : range.slice(0, dash), place)
    const last = dash === -1 ? first : integer(range.slice(dash + 1), place)
    const previous = members.at(-1) ?? -1
    if (first <= previous || last < first || last > HIGHEST) throw new ProcParseError(place, 'an ascending list such as 0-2,7')
    for (let member = first; member <= last; member++) members.push(member)
  }
  return members
}
