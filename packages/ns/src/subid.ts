/** A range of subordinate IDs: a line of /etc/subuid or /etc/subgid. See subuid(5). */
export interface SubIds {
  /** A login name, or a user ID in decimal. */
  readonly owner: string
  readonly first: number
  readonly count: number
}

/** 2^32 - 1 is "no ID". */
const lastId = 2 ** 32 - 2

/**
 * The ranges in the text of an /etc/subuid or /etc/subgid, in their order. Empty lines and lines that start with `#` are passed over.
 *
 * @throws SyntaxError a line is not `owner:first:count`
 * @see subuid(5)
 * @example
 * parseSubIds('alice:100000:65536\n') // [{ owner: 'alice', first: 100000, count: 65536 }]
 */
export function parseSubIds(text: string, file = 'subuid'): SubIds[] {
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return []
    const [, owner, first, count] = /^([^:\s]+):(\d{1,10}):(\d{1,10})\s*$/.exec(line) ?? []
    if (owner === undefined || Number(first) + Number(count) - 1 > lastId) throw new SyntaxError(`${file}, line ${i + 1}: ${JSON.stringify(line)} is not owner:first:count`)
    return [{ owner, first: Number(first), count: Number(count) }]
  })
}

/** The ranges that a user may map: those under the login name and those under the number, as newuidmap(1) takes both. Empty ones are left out. */
export function subIdsOf(entries: readonly SubIds[], user: { readonly name?: string; readonly uid: number }): SubIds[] {
  return entries.filter(({ owner, count }) => count > 0 && (owner === user.name || owner === String(user.uid)))
}

/**
 * The first range of so many IDs that nobody has, for a new line: useradd(8) picks the same way.
 *
 * @param within where to look: SUB_UID_MIN, SUB_UID_MAX and SUB_UID_COUNT of login.defs(5), with its defaults
 * @throws RangeError there is none
 * @example
 * freeSubIds([{ owner: 'alice', first: 100000, count: 65536 }], 'bob') // { owner: 'bob', first: 165536, count: 65536 }
 */
export function freeSubIds(entries: readonly SubIds[], owner: string, { count = 65536, min = 100_000, max = 600_100_000 }: { readonly count?: number; readonly min?: number; readonly max?: number } = {}): SubIds {
  let first = min
  for (const taken of [...entries].sort((a, b) => a.first - b.first)) {
    if (taken.count === 0 || taken.first + taken.count <= first) continue
    if (taken.first >= first + count) break
    first = taken.first + taken.count
  }
  if (first + count - 1 > max) throw new RangeError(`Cannot give ${owner} ${count} subordinate IDs: there are not so many free ones in a row from ${min} to ${max}`)
  return { owner, first, count }
}
