import { unescapeOctal } from './octal-escape.ts'
import { ProcParseError } from './proc-parse-error.ts'
import { allRecords, type BeginRecords, everyLine } from './records.ts'

/** A mount in the form of fstab(5): mountinfo says more. Octal escapes are undone. */
export interface MountEntry {
  readonly source: string
  readonly mountPoint: string
  readonly fsType: string
  /** Of the mount and of the superblock together. */
  readonly options: readonly string[]
}

export const mountEntryRecords: BeginRecords<MountEntry> = everyLine((place) => {
  // The source can be empty; the last two fields are always 0, and a file system may forget to escape blanks in its options.
  const match = /^([^ ]*) ([^ ]+) ([^ ]+) (.*) 0 0$/.exec(place.text)
  if (match === null) throw new ProcParseError(place, 'source, mount point, type, options, 0 and 0')
  const [, source, mountPoint, fsType, options] = match as unknown as [string, string, string, string, string]
  return { source: unescapeOctal(source), mountPoint: unescapeOctal(mountPoint), fsType: unescapeOctal(fsType), options: options.split(',').map(unescapeOctal) }
})

/**
 * The mounts of a /proc/PID/mounts text, in the file's order.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/pid/mounts
 * @example
 * parseMounts('proc /proc proc rw,nosuid 0 0\n')[0]?.fsType // 'proc'
 */
export function parseMounts(text: string, file = 'mounts'): MountEntry[] {
  return allRecords(mountEntryRecords, text, file)
}
