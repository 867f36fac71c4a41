import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { type MeminfoProperty, MEMINFO_FIELDS } from './meminfo-fields.ts'
import { ProcParseError } from './proc-parse-error.ts'

/**
 * Memory of the whole machine (not of a container: see the cgroup's own files for that).
 *
 * Every field but the total can be absent, by kernel version and configuration.
 *
 * @see proc(5) /proc/meminfo
 */
export type Meminfo = { readonly memTotalBytes: number } & { readonly [Property in MeminfoProperty]?: number } & {
  /** Lines that this package has no field for, by the kernel's name, value as printed. */
  readonly unknown: Readonly<Record<string, string>>
}

const KIB = 1024

/**
 * The fields of a /proc/meminfo text, in bytes where the kernel counts in kB.
 *
 * @throws {ProcParseError} when a line is not `Key: value`, a known value is malformed, or MemTotal is missing
 * @see proc(5) /proc/meminfo
 * @example
 * parseMeminfo('MemTotal:       24684092 kB\n').memTotalBytes // 25276510208
 */
export function parseMeminfo(text: string, file = 'meminfo'): Meminfo {
  const found: { [Property in MeminfoProperty]?: number } = {}
  const unknown = Object.create(null) as Record<string, string>
  const all = lines(text, file)
  for (const place of all) {
    const colon = place.text.indexOf(':')
    if (colon < 1) throw new ProcParseError(place, 'Key: value')
    const key = place.text.slice(0, colon)
    const value = place.text.slice(colon + 1).trim()
    const property = MEMINFO_FIELDS.get(key)
    if (property === undefined) unknown[key] = value
    else if (!property.endsWith('Bytes')) found[property] = integer(value, place)
    else if (value.endsWith(' kB')) found[property] = integer(value.slice(0, -3), place) * KIB
    else throw new ProcParseError(place, 'a size in kB')
  }
  const { memTotalBytes } = found
  if (memTotalBytes === undefined) throw new ProcParseError(all.at(-1) ?? { file, line: 1, text }, 'a line for MemTotal')
  return { ...found, memTotalBytes, unknown }
}
