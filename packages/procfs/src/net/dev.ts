import { integers } from '../integer.ts'
import { type Place, ProcParseError } from '../proc-parse-error.ts'
import { allRecords, type BeginRecords } from '../records.ts'

/**
 * The counters of a network interface, since it was made.
 *
 * @see proc(5) /proc/net/dev, Documentation/networking/statistics.rst
 */
export interface NetDevice {
  readonly name: string
  readonly receive: {
    readonly bytes: number
    readonly packets: number
    readonly errors: number
    readonly dropped: number
    readonly fifo: number
    readonly frame: number
    readonly compressed: number
    readonly multicast: number
  }
  readonly transmit: {
    readonly bytes: number
    readonly packets: number
    readonly errors: number
    readonly dropped: number
    readonly fifo: number
    readonly collisions: number
    readonly carrier: number
    readonly compressed: number
  }
}

const COUNTERS = 16

function device(place: Place): NetDevice {
  // A name cannot hold a colon (net/core/dev.c dev_valid_name), but an alias of old kernels could: eth0:1.
  const colon = place.text.lastIndexOf(':')
  const values = colon === -1 ? [] : integers(place.text.slice(colon + 1), place)
  if (values.length < COUNTERS) throw new ProcParseError(place, 'interface: and sixteen counters')
  const [
    bytes, packets, errors, dropped, fifo, frame, compressed, multicast,
    txBytes, txPackets, txErrors, txDropped, txFifo, collisions, carrier, txCompressed,
  ] = values as [number, number, number, number, number, number, number, number, number, number, number, number, number, number, number, number]
  return {
    name: place.text.slice(0, colon).trim(),
    receive: { bytes, packets, errors, dropped, fifo, frame, compressed, multicast },
    transmit: { bytes: txBytes, packets: txPackets, errors: txErrors, dropped: txDropped, fifo: txFifo, collisions, carrier, compressed: txCompressed },
  }
}

const HEADINGS = 2

export const netDeviceRecords: BeginRecords<NetDevice> = (file) => {
  let last: Place = { file, line: 0, text: '' }
  return {
    line: (place) => {
      last = place
      if (place.line > HEADINGS) return device(place)
      if (!place.text.includes('|')) throw new ProcParseError(place, 'a heading with "|"')
      return undefined
    },
    end: () => {
      if (last.line < HEADINGS) throw new ProcParseError({ ...last, line: Math.max(1, last.line) }, 'two headings')
      return undefined
    },
  }
}

/**
 * The interfaces of a net/dev text, in the order of their indexes.
 *
 * @throws {ProcParseError} naming the line
 * @see proc(5) /proc/net/dev
 * @example
 * parseNetDev(readFileSync('/proc/self/net/dev', 'utf8'))[0]?.name // 'lo'
 */
export function parseNetDev(text: string, file = 'net/dev'): NetDevice[] {
  return allRecords(netDeviceRecords, text, file)
}
