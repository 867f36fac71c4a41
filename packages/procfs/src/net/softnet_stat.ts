import { hexadecimalQuantity } from '../integer.ts'
import { columns } from '../columns.ts'
import { lines } from '../lines.ts'

/** Packets that one processor has taken in; the counters are of 32 bits and wrap. */
export interface SoftnetStat {
  readonly processed: number
  /** The backlog queue was full. */
  readonly dropped: number
  /** Work was left when the time or budget was used up. */
  readonly timeSqueezed: number
  /** Woken by another processor, for receive packet steering. */
  readonly receivedRps?: number
  readonly flowLimited?: number
  readonly backlog?: number
  /** The processor; on kernels without the column, lines are in the order of processors that are online. */
  readonly cpu?: number
}

/**
 * The processors of a net/softnet_stat text.
 *
 * @throws {ProcParseError} naming the line
 * @see net/core/net-procfs.c softnet_seq_show()
 * @example
 * parseSoftnetStat(readFileSync('/proc/net/softnet_stat', 'utf8')).map(({ dropped }) => dropped)
 */
export function parseSoftnetStat(text: string, file = 'net/softnet_stat'): SoftnetStat[] {
  return lines(text, file).map((place) => {
    const values = columns(place, 9, 'nine hexadecimal numbers or more').map((column) => hexadecimalQuantity(column, place))
    const [processed, dropped, timeSqueezed, , , , , , , receivedRps, flowLimited, backlog, cpu] = values
    return {
      processed: processed!, dropped: dropped!, timeSqueezed: timeSqueezed!,
      ...(receivedRps === undefined ? {} : { receivedRps }), ...(flowLimited === undefined ? {} : { flowLimited }),
      ...(backlog === undefined ? {} : { backlog }), ...(cpu === undefined ? {} : { cpu }),
    }
  })
}
