import { integer } from './integer.ts'
import { unescapeOctal } from './octal-escape.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'
import { allRecords, type BeginRecords, everyLine } from './records.ts'

/**
 * One mount as /proc/PID/mountinfo shows it, octal escapes undone.
 *
 * @see proc(5) /proc/pid/mountinfo, mount_namespaces(7)
 */
export interface Mount {
  readonly id: number
  /** Of the mount below; the ID of none in the list when that is outside the process's root. */
  readonly parentId: number
  readonly major: number
  readonly minor: number
  /** The part of the file system that is mounted; `//deleted` at its end when that directory is gone. */
  readonly root: string
  /** Relative to the process's root directory. */
  readonly mountPoint: string
  /** Per mount: `rw`, `nosuid`, `relatime`. */
  readonly options: readonly string[]
  /** Peer group it shares propagation with. */
  readonly shared?: number
  /** Peer group it receives propagation from. */
  readonly master?: number
  /** Nearest dominant peer group under the process's root. */
  readonly propagateFrom?: number
  readonly unbindable: boolean
  /** `ext4`, or `type.subtype`. */
  readonly fsType: string
  /** May be empty: `mount -t tmpfs '' /mnt`. */
  readonly source: string
  /** Per superblock. Split at commas before escapes are undone, so a value may hold a comma. */
  readonly superOptions: readonly string[]
  /** Optional fields that this package does not know, as printed. */
  readonly unknown: readonly string[]
}

const options = (text: string): string[] => text.split(',').map(unescapeOctal)

function device(text: string, place: Place): [major: number, minor: number] {
  const colon = text.indexOf(':')
  if (colon === -1) throw new ProcParseError(place, `major:minor, not ${JSON.stringify(text)}`)
  return [integer(text.slice(0, colon), place), integer(text.slice(colon + 1), place)]
}

function parseMount(place: Place): Mount {
  const dash = place.text.indexOf(' - ')
  if (dash === -1) throw new ProcParseError(place, '" - " between the fields')
  // No field before the separator is ever empty, and hand-made files align them: any run of blanks is one.
  const [id, parentId, dev, root, mountPoint, mountOptions, ...optional] = place.text.slice(0, dash).trim().split(/ +/)
  if (dev === undefined || root === undefined || mountPoint === undefined || mountOptions === undefined) {
    throw new ProcParseError(place, 'six fields before " - "')
  }
  // After it a field can be empty (the source), and the last is printed by the file system itself: some forget to
  // escape blanks (9p on WSL: `path=C:\Program Files`), so everything that remains is its.
  const [fsType, source, ...rest] = place.text.slice(dash + 3).split(' ')
  if (fsType === undefined || source === undefined || rest.length === 0) throw new ProcParseError(place, 'three fields after " - "')
  const [major, minor] = device(dev, place)
  const tags: { shared?: number; master?: number; propagateFrom?: number } = {}
  const unknown: string[] = []
  let unbindable = false
  for (const field of optional) {
    if (field.startsWith('shared:')) tags.shared = integer(field.slice(7), place)
    else if (field.startsWith('master:')) tags.master = integer(field.slice(7), place)
    else if (field.startsWith('propagate_from:')) tags.propagateFrom = integer(field.slice(15), place)
    else if (field === 'unbindable') unbindable = true
    else unknown.push(field)
  }
  return {
    id: integer(id, place),
    parentId: integer(parentId, place),
    major,
    minor,
    root: unescapeOctal(root),
    mountPoint: unescapeOctal(mountPoint),
    options: options(mountOptions),
    ...tags,
    unbindable,
    fsType: unescapeOctal(fsType),
    source: unescapeOctal(source),
    superOptions: options(rest.join(' ')),
    unknown,
  }
}

export const mountRecords: BeginRecords<Mount> = everyLine(parseMount)

/**
 * The mounts of a /proc/PID/mountinfo text, in the file's order: a mount comes after the one that it is on.
 *
 * The kernel hands the file out a page at a time: a mount that comes or goes meanwhile may be in it or not.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/pid/mountinfo
 * @example
 * parseMountinfo('22 27 0:21 / /proc rw - proc proc rw\n')[0]?.mountPoint // '/proc'
 */
export function parseMountinfo(text: string, file = 'mountinfo'): Mount[] {
  return allRecords(mountRecords, text, file)
}
