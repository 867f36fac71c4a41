import { columns } from './columns.ts'
import { integer } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/** A driver and the major number that it has. */
export interface DeviceDriver {
  readonly major: number
  readonly name: string
}

/** The drivers of both kinds of device. */
export interface Devices {
  readonly character: readonly DeviceDriver[]
  readonly block: readonly DeviceDriver[]
}

/**
 * The drivers of a /proc/devices text.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/devices
 * @example
 * parseDevices(readFileSync('/proc/devices', 'utf8')).character.find(({ name }) => name === 'fuse')
 */
export function parseDevices(text: string, file = 'devices'): Devices {
  const character: DeviceDriver[] = []
  const block: DeviceDriver[] = []
  let section: DeviceDriver[] | undefined
  for (const place of lines(text, file)) {
    if (place.text === 'Character devices:') section = character
    else if (place.text === 'Block devices:') section = block
    else if (place.text.trim() !== '') {
      const [major, ...name] = columns(place, 2, 'a major number and a name')
      if (section === undefined) throw new ProcParseError(place, 'the heading of a section')
      section.push({ major: integer(major, place), name: name.join(' ') })
    }
  }
  return { character, block }
}
