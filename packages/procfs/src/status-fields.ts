import { cpuList } from './cpu-list.ts'
import { plainDecimal } from './digits.ts'
import { FieldList } from './found-fields.ts'
import { exactInteger, hexadecimal, integer, integers, octal } from './integer.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'
import { signalNames } from './signal.ts'
import type { CredentialIds, SeccompMode, Status } from './status.ts'

/** What a value means. It is trimmed, but for the name's. */
type Read = (value: string, place: Place) => unknown

/**
 * The same for a value in its usual form, between two positions of the text, blanks before it; undefined for any other form. A
 * table of processes has sixty values a process, and almost all are of these: no string is made of them, and no place.
 */
type Quick = (text: string, from: number, to: number) => unknown

const KIB = 1024
// enum of include/uapi/linux/seccomp.h, and SECCOMP_MODE_DEAD of kernel/seccomp.c.
const SECCOMP_MODES: readonly SeccompMode[] = ['disabled', 'strict', 'filter', 'dead']

const bytes: Read = (value, place) => {
  if (!value.endsWith(' kB')) throw new ProcParseError(place, 'a size in kB')
  return integer(value.slice(0, -3).trim(), place) * KIB
}
const truth: Read = (value, place) => {
  if (value !== '0' && value !== '1') throw new ProcParseError(place, '0 or 1')
  return value === '1'
}
const ids = (value: string, place: Place): CredentialIds => {
  const [real, effective, saved, fs] = integers(value, place)
  if (real === undefined || effective === undefined || saved === undefined || fs === undefined) throw new ProcParseError(place, 'four IDs')
  return { real, effective, saved, fs }
}
// proc_pid_status() escapes newline and backslash, and nothing else, in the name.
const name: Read = (value) => value.replace(/^\t/, '').replace(/\\(n|\\)/g, (_, c: string) => (c === 'n' ? '\n' : '\\'))
const state: Read = (value, place) => {
  if (!/^[RSDTtZXIPxKW](?: |$)/.test(value)) throw new ProcParseError(place, 'a process state')
  return value[0]
}
const signals: Read = (value, place) => signalNames(hexadecimal(value, place))
const mask: Read = (value, place) => hexadecimal(value.replaceAll(',', ''), place)
const prefixedMask: Read = (value, place) => hexadecimal(value.replace(/^0x/, ''), place)
const seccomp: Read = (value, place) => {
  const mode = SECCOMP_MODES[integer(value, place)]
  if (mode === undefined) throw new ProcParseError(place, 'a seccomp mode from 0 to 3')
  return mode
}
const sigQ: Read = (value, place) => {
  const slash = value.indexOf('/')
  if (slash === -1) throw new ProcParseError(place, 'queued/limit')
  return { queued: integer(value.slice(0, slash), place), limit: exactInteger(value.slice(slash + 1), place) }
}
const STATES = 'RSDTtZXIPxKW'
const TAB = 9
const BLANK = 32
const BACKSLASH = 92

const unlessNaN = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)

/** Where a value begins: at or behind `from`. */
function skipBlanks(text: string, from: number, to: number): number {
  let at = from
  while (at < to && (text.charCodeAt(at) === BLANK || text.charCodeAt(at) === TAB)) at++
  return at
}

const quickInteger: Quick = (text, from, to) => unlessNaN(plainDecimal(text, skipBlanks(text, from, to), to))
const quickBytes: Quick = (text, from, to) =>
  (text.startsWith(' kB', to - 3) ? unlessNaN(plainDecimal(text, skipBlanks(text, from, to - 3), to - 3) * KIB) : undefined)
const quickTruth: Quick = (text, from, to) => {
  const value = plainDecimal(text, skipBlanks(text, from, to), to)
  return value === 0 ? false : value === 1 ? true : undefined
}
const NOWHERE: Place = { file: '', line: 1, text: '' }

/**
 * A reader for values that are the same in process after process: while the text is, so is what was read of it, and the processes
 * share one frozen value.
 */
const quickSame = (read: Read): Quick => {
  let last = ''
  let value: unknown
  return (text, from, to) => {
    const at = skipBlanks(text, from, to)
    if (value !== undefined && to - at === last.length && text.startsWith(last, at)) return value
    try {
      value = Object.freeze(read(text.slice(at, to).trim(), NOWHERE))
    } catch {
      return undefined // what is wrong with it, the careful reader says
    }
    last = text.slice(at, to)
    return value
  }
}

const quickIntegers = (text: string, from: number, to: number): number[] | undefined => {
  const values: number[] = []
  for (let at = skipBlanks(text, from, to); at < to; at = skipBlanks(text, at, to)) {
    let end = at
    while (end < to && text.charCodeAt(end) !== TAB && text.charCodeAt(end) !== BLANK) end++
    const value = plainDecimal(text, at, end)
    if (Number.isNaN(value)) return undefined
    values.push(value)
    at = end
  }
  return values
}
const quickIds: Quick = (text, from, to) => {
  const values = quickIntegers(text, from, to)
  return values?.length === 4 ? { real: values[0], effective: values[1], saved: values[2], fs: values[3] } : undefined
}
const quickName: Quick = (text, from, to) => {
  if (text.charCodeAt(from) !== TAB) return undefined
  for (let at = from; at < to; at++) if (text.charCodeAt(at) === BACKSLASH) return undefined
  return text.slice(from + 1, to)
}
const quickState: Quick = (text, from, to) => {
  const at = skipBlanks(text, from, to)
  return to - at > 2 && text.charCodeAt(at + 1) === BLANK && STATES.includes(text[at]!) ? text[at] : undefined
}

const words: Read = (value) => (value === '' ? [] : value.split(/\s+/))
const asPrinted: Read = (value) => value

const ROWS: readonly (readonly [kernelName: string, property: keyof Status, read: Read, quick?: Quick])[] = [
  ['Name', 'name', name, quickName],
  ['Umask', 'umask', octal, quickSame(octal)],
  ['State', 'state', state, quickState],
  ['Tgid', 'tgid', integer, quickInteger],
  ['Ngid', 'ngid', integer, quickInteger],
  ['Pid', 'pid', integer, quickInteger],
  ['PPid', 'ppid', integer, quickInteger],
  ['TracerPid', 'tracerPid', integer, quickInteger],
  ['Uid', 'uid', ids, quickIds],
  ['Gid', 'gid', ids, quickIds],
  ['FDSize', 'fdSize', integer, quickInteger],
  ['Groups', 'groups', integers, quickIntegers],
  ['NStgid', 'nstgid', integers, quickIntegers],
  ['NSpid', 'nspid', integers, quickIntegers],
  ['NSpgid', 'nspgid', integers, quickIntegers],
  ['NSsid', 'nssid', integers, quickIntegers],
  ['Kthread', 'kthread', truth, quickTruth],
  ['VmPeak', 'vmPeakBytes', bytes, quickBytes],
  ['VmSize', 'vmSizeBytes', bytes, quickBytes],
  ['VmLck', 'vmLckBytes', bytes, quickBytes],
  ['VmPin', 'vmPinBytes', bytes, quickBytes],
  ['VmHWM', 'vmHwmBytes', bytes, quickBytes],
  ['VmRSS', 'vmRssBytes', bytes, quickBytes],
  ['RssAnon', 'rssAnonBytes', bytes, quickBytes],
  ['RssFile', 'rssFileBytes', bytes, quickBytes],
  ['RssShmem', 'rssShmemBytes', bytes, quickBytes],
  ['VmData', 'vmDataBytes', bytes, quickBytes],
  ['VmStk', 'vmStkBytes', bytes, quickBytes],
  ['VmExe', 'vmExeBytes', bytes, quickBytes],
  ['VmLib', 'vmLibBytes', bytes, quickBytes],
  ['VmPTE', 'vmPteBytes', bytes, quickBytes],
  ['VmPMD', 'vmPmdBytes', bytes, quickBytes],
  ['VmSwap', 'vmSwapBytes', bytes, quickBytes],
  ['HugetlbPages', 'hugetlbPagesBytes', bytes, quickBytes],
  ['CoreDumping', 'coreDumping', truth, quickTruth],
  ['THP_enabled', 'thpEnabled', truth, quickTruth],
  ['untag_mask', 'untagMask', prefixedMask, quickSame(prefixedMask)],
  ['Threads', 'threads', integer, quickInteger],
  ['SigQ', 'sigQ', sigQ, quickSame(sigQ)],
  ['SigPnd', 'sigPnd', signals, quickSame(signals)],
  ['ShdPnd', 'shdPnd', signals, quickSame(signals)],
  ['SigBlk', 'sigBlk', signals, quickSame(signals)],
  ['SigIgn', 'sigIgn', signals, quickSame(signals)],
  ['SigCgt', 'sigCgt', signals, quickSame(signals)],
  ['CapInh', 'capInh', mask, quickSame(mask)],
  ['CapPrm', 'capPrm', mask, quickSame(mask)],
  ['CapEff', 'capEff', mask, quickSame(mask)],
  ['CapBnd', 'capBnd', mask, quickSame(mask)],
  ['CapAmb', 'capAmb', mask, quickSame(mask)],
  ['NoNewPrivs', 'noNewPrivs', truth, quickTruth],
  ['Seccomp', 'seccomp', seccomp, quickSame(seccomp)],
  ['Seccomp_filters', 'seccompFilters', integer, quickInteger],
  ['Speculation_Store_Bypass', 'speculationStoreBypass', asPrinted, quickSame(asPrinted)],
  ['SpeculationIndirectBranch', 'speculationIndirectBranch', asPrinted, quickSame(asPrinted)],
  ['Cpus_allowed', 'cpusAllowed', mask, quickSame(mask)],
  ['Cpus_allowed_list', 'cpusAllowedList', cpuList, quickSame(cpuList)],
  ['Mems_allowed', 'memsAllowed', mask, quickSame(mask)],
  ['Mems_allowed_list', 'memsAllowedList', cpuList, quickSame(cpuList)],
  ['x86_Thread_features', 'x86ThreadFeatures', words, quickSame(words)],
  ['x86_Thread_features_locked', 'x86ThreadFeaturesLocked', words, quickSame(words)],
  ['voluntary_ctxt_switches', 'voluntaryCtxtSwitches', integer, quickInteger],
  ['nonvoluntary_ctxt_switches', 'nonvoluntaryCtxtSwitches', integer, quickInteger],
]

/** A line of /proc/PID/status: how the kernel calls it, how {@link Status} does, how it is read. */
export interface StatusField {
  /** In the kernel's order. */
  readonly index: number
  /** The name and its colon. */
  readonly start: string
  readonly property: keyof Status
  readonly read: Read
  readonly quick: Quick | undefined
}

/** Every line of /proc/PID/status that has a field, in the kernel's order. */
export const STATUS_FIELDS: FieldList<StatusField> =
  new FieldList(ROWS.map(([kernelName, property, read, quick], index) => ({ index, start: `${kernelName}:`, property, read, quick })))
