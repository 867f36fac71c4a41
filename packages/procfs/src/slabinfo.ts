import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * A cache of kernel objects of one size.
 *
 * @see slabinfo(5)
 */
export interface SlabCache {
  readonly name: string
  readonly activeObjects: number
  readonly objects: number
  readonly objectBytes: number
  readonly objectsPerSlab: number
  readonly pagesPerSlab: number
  readonly activeSlabs: number
  readonly slabs: number
}

// The name is at the left, then numbers: a name may hold blanks.
const ROW = /^(\S.*?) +(\d{1,20}) +(\d{1,20}) +(\d{1,20}) +(\d{1,20}) +(\d{1,20}) : tunables +\d{1,20} +\d{1,20} +\d{1,20} : slabdata +(\d{1,20}) +(\d{1,20}) +\d{1,20}/

/**
 * The caches of a /proc/slabinfo text, version 2.
 *
 * @throws {ProcParseError} naming the line
 * @see slabinfo(5)
 * @example
 * parseSlabinfo(readFileSync('/proc/slabinfo', 'utf8')).reduce((sum, { objects, objectBytes }) => sum + objects * objectBytes, 0)
 */
export function parseSlabinfo(text: string, file = 'slabinfo'): SlabCache[] {
  const [version, ...rows] = lines(text, file)
  if (version === undefined || !version.text.startsWith('slabinfo - version: 2.')) {
    throw new ProcParseError(version ?? { file, line: 1, text: '' }, 'slabinfo of version 2')
  }
  return rows.filter((place) => !place.text.startsWith('#')).map((place) => {
    const match = ROW.exec(place.text)
    if (match === null) throw new ProcParseError(place, 'name, five numbers, tunables and slabdata')
    const number = (at: number): number => integer(match[at], place)
    return {
      name: match[1]!, activeObjects: number(2), objects: number(3), objectBytes: number(4), objectsPerSlab: number(5),
      pagesPerSlab: number(6), activeSlabs: number(7), slabs: number(8),
    }
  })
}
