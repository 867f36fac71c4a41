import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * A kind of file system that the kernel can mount.
 *
 * @see proc(5) /proc/filesystems
 */
export interface FilesystemType {
  readonly name: string
  /** It is mounted from a block device. */
  readonly needsDevice: boolean
}

/**
 * The kinds of a /proc/filesystems text, in the order in which they were registered.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/filesystems
 * @example
 * parseFilesystems('nodev\toverlay\n\text4\n').some(({ name }) => name === 'overlay') // true
 */
export function parseFilesystems(text: string, file = 'filesystems'): FilesystemType[] {
  return lines(text, file).map((place) => {
    const match = /^(nodev)?\t(\S+)$/.exec(place.text)
    if (match === null) throw new ProcParseError(place, 'nodev or nothing, a tab, and a name')
    return { name: match[2]!, needsDevice: match[1] === undefined }
  })
}
