/** One range of an ID map. See user_namespaces(7), User and group ID mappings: uid_map and gid_map. */
export interface IdMapRange {
  /** First ID inside the user namespace. */
  readonly inside: number
  /** First ID outside: in the parent user namespace, as the writer sees it. */
  readonly outside: number
  readonly length: number
}

/** UID_GID_MAP_MAX_EXTENTS in include/linux/user_namespace.h */
const mostRanges = 340
/** map_write in kernel/user_namespace.c refuses a page or more; 4096 bytes is the smallest page. */
const mostBytes = 4095
/** 2^32 - 1 is "no ID". */
const lastId = 2 ** 32 - 2

/**
 * The ranges in the text of a uid_map, gid_map or projid_map; none before the map is written.
 *
 * @throws SyntaxError a line is not three numbers
 * @example
 * parseIdMap('         0     100000      65536\n') // [{ inside: 0, outside: 100000, length: 65536 }]
 */
export function parseIdMap(text: string, file = 'uid_map'): IdMapRange[] {
  return text.split('\n').flatMap((line, i) => {
    if (line === '') return []
    const numbers = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*$/.exec(line)
    if (!numbers) throw new SyntaxError(`${file}, line ${i + 1}: ${JSON.stringify(line)} is not three numbers`)
    return [{ inside: Number(numbers[1]), outside: Number(numbers[2]), length: Number(numbers[3]) }]
  })
}

/** The text that is written to uid_map or gid_map, one line a range. */
export function idMapText(map: readonly IdMapRange[]): string {
  return map.map(({ inside, outside, length }) => `${inside} ${outside} ${length}\n`).join('')
}

/**
 * Throws where the kernel would answer EINVAL: no range or too many, IDs out of range, ranges that overlap inside or outside.
 *
 * @throws RangeError naming the range
 * @see user_namespaces(7) Defining user and group ID mappings: writing to uid_map and gid_map
 */
export function validateIdMap(map: readonly IdMapRange[]): void {
  if (map.length === 0) throw new RangeError('Cannot map no IDs: a map needs a range')
  if (map.length > mostRanges) throw new RangeError(`Cannot map ${map.length} ranges of IDs: the kernel takes ${mostRanges}`)
  for (const range of map) {
    const { inside, outside, length } = range
    const whole = [inside, outside, length].every((n) => Number.isInteger(n) && n >= 0) && length > 0
    if (!whole || inside + length - 1 > lastId || outside + length - 1 > lastId) throw new RangeError(`Cannot map ${shown(range)}: IDs are from 0 to ${lastId}, and a range has at least one`)
  }
  for (const side of ['inside', 'outside'] as const) {
    const inOrder = [...map].sort((a, b) => a[side] - b[side])
    for (const [i, range] of inOrder.entries()) {
      const before = inOrder[i - 1]
      if (before && before[side] + before.length > range[side]) throw new RangeError(`Cannot map ${shown(before)} and ${shown(range)}: they overlap ${side}`)
    }
  }
  const bytes = idMapText(map).length
  if (bytes > mostBytes) throw new RangeError(`Cannot map ${map.length} ranges of IDs: their text has ${bytes} bytes, the kernel takes ${mostBytes}`)
}

/** The ID outside of the user namespace that an ID inside stands for; undefined where it is not mapped. */
export function toOutside(map: readonly IdMapRange[], id: number): number | undefined {
  return translate(map, id, 'inside', 'outside')
}

/** The ID that one outside of the user namespace has inside; undefined where it is not mapped, and shows as 65534. */
export function toInside(map: readonly IdMapRange[], id: number): number | undefined {
  return translate(map, id, 'outside', 'inside')
}

function translate(map: readonly IdMapRange[], id: number, from: 'inside' | 'outside', to: 'inside' | 'outside'): number | undefined {
  const range = map.find((r) => id >= r[from] && id < r[from] + r.length)
  return range && range[to] + (id - range[from])
}

function shown({ inside, outside, length }: IdMapRange): string {
  return `${inside} ${outside} ${length}`
}
