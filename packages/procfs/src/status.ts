import { FoundFields } from './found-fields.ts'
import { ProcParseError } from './proc-parse-error.ts'
import type { SignalName } from './signal.ts'
import type { ProcessState } from './stat.ts'
import { STATUS_FIELDS } from './status-fields.ts'

/** Real, effective, saved set and file system ID. */
export interface CredentialIds {
  readonly real: number
  readonly effective: number
  readonly saved: number
  readonly fs: number
}

/** `dead` is SECCOMP_MODE_DEAD: the filter has killed the task and it is about to exit. */
export type SeccompMode = 'disabled' | 'strict' | 'filter' | 'dead'

/**
 * One process or thread as /proc/PID/status shows it.
 *
 * A field is absent when the kernel does not print it: `vm*` and `rss*` for kernel threads and zombies, others by
 * version and configuration. IDs are as seen from the reader's user namespace (65534 when not mapped). Masks are
 * bigint; memory is in bytes, though the kernel counts in kB.
 *
 * @see proc(5) /proc/pid/status
 */
export interface Status {
  /** As comm, escapes undone. Not trusted. */
  readonly name: string
  readonly umask?: number
  readonly state: ProcessState
  readonly tgid: number
  readonly ngid?: number
  readonly pid: number
  readonly ppid: number
  readonly tracerPid?: number
  readonly uid: CredentialIds
  readonly gid: CredentialIds
  readonly fdSize?: number
  readonly groups?: readonly number[]
  /** Thread group ID in every PID namespace of the process, from that of this procfs to the innermost. */
  readonly nstgid?: readonly number[]
  /** PID (of a thread: its TID) in every PID namespace, outermost visible first, the process's own last. */
  readonly nspid?: readonly number[]
  readonly nspgid?: readonly number[]
  readonly nssid?: readonly number[]
  readonly kthread?: boolean
  readonly vmPeakBytes?: number
  readonly vmSizeBytes?: number
  readonly vmLckBytes?: number
  readonly vmPinBytes?: number
  /** Peak resident set. */
  readonly vmHwmBytes?: number
  readonly vmRssBytes?: number
  readonly rssAnonBytes?: number
  readonly rssFileBytes?: number
  readonly rssShmemBytes?: number
  readonly vmDataBytes?: number
  readonly vmStkBytes?: number
  readonly vmExeBytes?: number
  readonly vmLibBytes?: number
  readonly vmPteBytes?: number
  readonly vmPmdBytes?: number
  readonly vmSwapBytes?: number
  readonly hugetlbPagesBytes?: number
  readonly coreDumping?: boolean
  readonly thpEnabled?: boolean
  readonly untagMask?: bigint
  readonly threads: number
  readonly sigQ?: { readonly queued: number; readonly limit: bigint }
  readonly sigPnd?: readonly SignalName[]
  readonly shdPnd?: readonly SignalName[]
  readonly sigBlk?: readonly SignalName[]
  readonly sigIgn?: readonly SignalName[]
  readonly sigCgt?: readonly SignalName[]
  /** Capability sets as masks: {@link capabilityNames} names the bits. */
  readonly capInh?: bigint
  readonly capPrm?: bigint
  readonly capEff?: bigint
  readonly capBnd?: bigint
  readonly capAmb?: bigint
  readonly noNewPrivs?: boolean
  readonly seccomp?: SeccompMode
  readonly seccompFilters?: number
  readonly speculationStoreBypass?: string
  readonly speculationIndirectBranch?: string
  readonly cpusAllowed?: bigint
  readonly cpusAllowedList?: readonly number[]
  readonly memsAllowed?: bigint
  readonly memsAllowedList?: readonly number[]
  readonly x86ThreadFeatures?: readonly string[]
  readonly x86ThreadFeaturesLocked?: readonly string[]
  readonly voluntaryCtxtSwitches?: number
  readonly nonvoluntaryCtxtSwitches?: number
  /** Lines that this package has no field for, by the kernel's name, value as printed. */
  readonly unknown: Readonly<Record<string, string>>
}

const NOTHING = Object.freeze(Object.create(null)) as Record<string, string>
const NEEDED: readonly (keyof Status)[] = ['name', 'state', 'tgid', 'pid', 'ppid', 'uid', 'gid', 'threads']
const REQUIRED = STATUS_FIELDS.fields.filter(({ property }) => NEEDED.includes(property))

/**
 * The fields of a /proc/PID/status text.
 *
 * @throws {ProcParseError} when a line is not `Key: value`, a value is malformed, or the text ends early
 * @see proc(5) /proc/pid/status
 * @example
 * parseStatus(readFileSync('/proc/self/status', 'utf8')).nspid // e.g. [ 4711 ]
 */
export function parseStatus(text: string, file = 'status'): Status {
  let unknown = NOTHING
  const found = new FoundFields(STATUS_FIELDS)
  let line = 0
  let from = 0
  while (from < text.length) {
    line++
    const newline = text.indexOf('\n', from)
    const to = newline === -1 ? text.length : newline
    const field = found.at(text, from)
    if (field !== undefined) {
      const at = from + field.start.length
      const value = field.quick?.(text, at, to)
      if (value !== undefined) found.add(field, value)
      else {
        const printed = text.slice(at, to)
        // A comm may begin and end with blanks: of the name only the tab that the kernel puts before it goes.
        found.add(field, field.read(field.property === 'name' ? printed : printed.trim(), { file, line, text: text.slice(from, to) }))
      }
    } else {
      const colon = text.indexOf(':', from)
      if (colon <= from || colon > to) throw new ProcParseError({ file, line, text: text.slice(from, to) }, 'Key: value')
      if (unknown === NOTHING) unknown = Object.create(null) as Record<string, string>
      unknown[text.slice(from, colon)] = text.slice(colon + 1, to).trim()
    }
    from = to + 1
  }
  const missing = found.missing(REQUIRED)
  if (missing !== undefined) {
    throw new ProcParseError({ file, line: Math.max(1, line), text: text.trimEnd().slice(text.trimEnd().lastIndexOf('\n') + 1) }, `a line with ${missing.property} before the end`)
  }
  return found.object(unknown) as unknown as Status
}
