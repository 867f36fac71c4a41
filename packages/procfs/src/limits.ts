import { exactInteger } from './integer.ts'
import { lines } from './lines.ts'
import { ProcParseError } from './proc-parse-error.ts'

/** A resource limit by the kernel's name. */
export type ResourceName =
  | 'RLIMIT_CPU' | 'RLIMIT_FSIZE' | 'RLIMIT_DATA' | 'RLIMIT_STACK' | 'RLIMIT_CORE' | 'RLIMIT_RSS' | 'RLIMIT_NPROC'
  | 'RLIMIT_NOFILE' | 'RLIMIT_MEMLOCK' | 'RLIMIT_AS' | 'RLIMIT_LOCKS' | 'RLIMIT_SIGPENDING' | 'RLIMIT_MSGQUEUE'
  | 'RLIMIT_NICE' | 'RLIMIT_RTPRIO' | 'RLIMIT_RTTIME'

/** bigint, because a limit that is written back must be the one that was read: 18446744073708503040 is a real one. */
export interface ResourceLimit {
  readonly soft: bigint | 'unlimited'
  readonly hard: bigint | 'unlimited'
  /** As printed: `bytes`, `seconds`, `us`; empty for the priorities. */
  readonly units: string
}

/** Limits by kernel name; one of a newer kernel is under its printed name (`Max …`). */
export type Limits = Readonly<Record<ResourceName, ResourceLimit>> & Readonly<Record<string, ResourceLimit>>

// fs/proc/base.c lnames[].
const NAMES: Readonly<Record<string, ResourceName>> = {
  'Max cpu time': 'RLIMIT_CPU',
  'Max file size': 'RLIMIT_FSIZE',
  'Max data size': 'RLIMIT_DATA',
  'Max stack size': 'RLIMIT_STACK',
  'Max core file size': 'RLIMIT_CORE',
  'Max resident set': 'RLIMIT_RSS',
  'Max processes': 'RLIMIT_NPROC',
  'Max open files': 'RLIMIT_NOFILE',
  'Max locked memory': 'RLIMIT_MEMLOCK',
  'Max address space': 'RLIMIT_AS',
  'Max file locks': 'RLIMIT_LOCKS',
  'Max pending signals': 'RLIMIT_SIGPENDING',
  'Max msgqueue size': 'RLIMIT_MSGQUEUE',
  'Max nice priority': 'RLIMIT_NICE',
  'Max realtime priority': 'RLIMIT_RTPRIO',
  'Max realtime timeout': 'RLIMIT_RTTIME',
}

/**
 * The resource limits of a /proc/PID/limits text.
 *
 * @throws {ProcParseError} when a line is malformed or one of the sixteen limits is missing
 * @see proc(5) /proc/pid/limits, getrlimit(2)
 * @example
 * parseLimits(readFileSync('/proc/self/limits', 'utf8')).RLIMIT_NOFILE.soft // e.g. 1024n
 */
export function parseLimits(text: string, file = 'limits'): Limits {
  const limits = Object.create(null) as Record<string, ResourceLimit>
  const [heading, ...rows] = lines(text, file)
  if (heading === undefined || !heading.text.startsWith('Limit ')) {
    throw new ProcParseError(heading ?? { file, line: 1, text }, 'the heading line')
  }
  for (const place of rows) {
    // "%-25s %-20s %-20s %-10s": a 20-digit value leaves one blank, and names hold single blanks.
    const match = /^(Max [a-z ]*[a-z]) +(\d+|unlimited) +(\d+|unlimited) *([a-z]*) *$/.exec(place.text)
    if (match === null) throw new ProcParseError(place, 'name, soft limit, hard limit, units')
    const [, name, soft, hard, units] = match as unknown as [string, string, string, string, string]
    const value = (column: string): bigint | 'unlimited' => (column === 'unlimited' ? 'unlimited' : exactInteger(column, place))
    limits[NAMES[name] ?? name] = { soft: value(soft), hard: value(hard), units }
  }
  const missing = Object.values(NAMES).find((name) => !(name in limits))
  if (missing !== undefined) throw new ProcParseError(rows.at(-1) ?? heading, `a line for ${missing} before the end`)
  return limits as Limits
}
