import { plainDecimal } from './digits.ts'
import { exactInteger, integer } from './integer.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'

/**
 * The letter of a process's state: running, sleeping, disk sleep, stopped, tracing stop, zombie, dead, idle, parked.
 * `x`, `K`, `W` are of kernels before 4.14.
 */
export type ProcessState = 'R' | 'S' | 'D' | 'T' | 't' | 'Z' | 'X' | 'I' | 'P' | 'x' | 'K' | 'W'

/**
 * Clock ticks per second of every `…Ticks` field. It is a constant of the user-space ABI, 100 on every architecture
 * that Node runs on, whatever the kernel's CONFIG_HZ: asking sysconf(_SC_CLK_TCK) would need native code and say 100.
 */
export const USER_HZ = 100

/**
 * One process as /proc/PID/stat shows it, in the file's order.
 *
 * Times are in ticks of 1/{@link USER_HZ} second. Addresses, the 64-bit limit and the old signal masks are bigint.
 * Without ptrace access to the process, the kernel prints 0 for the address fields, wchan and exitCode.
 *
 * @see proc(5) /proc/pid/stat
 */
export interface Stat {
  readonly pid: number
  /** The command name as the kernel keeps it: any bytes but NUL, at most 15, or 63 for a kernel worker. Not trusted. */
  readonly comm: string
  readonly state: ProcessState
  /** 0 when the parent is outside the PID namespace of this procfs. */
  readonly ppid: number
  readonly pgrp: number
  readonly session: number
  /** Device number of the controlling terminal, 0 for none. */
  readonly ttyNr: number
  /** Foreground process group of the terminal, -1 for none. */
  readonly tpgid: number
  /** PF_* bits of include/linux/sched.h. */
  readonly flags: number
  readonly minflt: number
  readonly cminflt: number
  readonly majflt: number
  readonly cmajflt: number
  readonly utimeTicks: number
  readonly stimeTicks: number
  readonly cutimeTicks: number
  readonly cstimeTicks: number
  readonly priority: number
  readonly nice: number
  readonly numThreads: number
  /** 0 since Linux 2.6.17. */
  readonly itrealvalue: number
  /** Ticks between boot and the start of the process, in the reader's time namespace. With the PID, its identity. */
  readonly starttimeTicks: number
  readonly vsizeBytes: number
  /** In pages; inaccurate, status.vmRssBytes is better. */
  readonly rssPages: number
  /** 18446744073709551615n is RLIM_INFINITY. */
  readonly rsslimBytes: bigint
  readonly startcode: bigint
  readonly endcode: bigint
  readonly startstack: bigint
  readonly kstkesp: bigint
  readonly kstkeip: bigint
  /** Only the first 31 signals: use status.sigPnd and its siblings. */
  readonly signal: bigint
  readonly blocked: bigint
  readonly sigignore: bigint
  readonly sigcatch: bigint
  /** 1 when the process waits in the kernel, else 0. */
  readonly wchan: bigint
  readonly nswap: number
  readonly cnswap: number
  /** Signal sent to the parent on exit: 17 is SIGCHLD. */
  readonly exitSignal: number
  readonly processor: number
  readonly rtPriority: number
  /** SCHED_*: 0 other, 1 FIFO, 2 RR, 3 batch, 5 idle, 6 deadline, 7 ext. */
  readonly policy: number
  readonly delayacctBlkioTicks: number
  readonly guestTimeTicks: number
  readonly cguestTimeTicks: number
  readonly startData: bigint
  readonly endData: bigint
  readonly startBrk: bigint
  readonly argStart: bigint
  readonly argEnd: bigint
  readonly envStart: bigint
  readonly envEnd: bigint
  /** As waitpid(2) reports it. */
  readonly exitCode: number
}

const FIELDS = 52
const MINUS = 45
// RLIM_INFINITY, which is what rsslim usually is.
const INFINITE = 2n ** 64n - 1n
const INFINITE_TEXT = String(INFINITE)
const STATES = 'RSDTtZXIPxKW'

/**
 * The fields of a /proc/PID/stat text.
 *
 * The command name may hold `)`, blanks and newlines, so it ends at the last `)` of the text; nothing after it can
 * contain one. Fields that a newer kernel appends are ignored.
 *
 * @param text the whole file
 * @throws {ProcParseError} when fewer than 52 fields are there
 * @see proc(5) /proc/pid/stat
 * @example
 * const { comm, ppid } = parseStat(readFileSync('/proc/self/stat', 'utf8'))
 */
export function parseStat(text: string, file = 'stat'): Stat {
  const open = text.indexOf(' (')
  const close = text.lastIndexOf(') ')
  if (open < 1 || close < open + 2) throw new ProcParseError({ file, line: 1, text }, 'pid (comm) state …')
  const newline = text.indexOf('\n', close)
  const end = newline === -1 ? text.length : newline
  const state = text[close + 2]!
  if ((text[close + 3] ?? ' ') !== ' ' || !STATES.includes(state)) {
    throw new ProcParseError({ file, line: 1, text }, `a process state, not ${JSON.stringify(text.slice(close + 2, end).split(' ', 1)[0])}`)
  }
  const fields = new FieldReader({ file, line: 1, text }, close + 4, end)
  // In the order of the file: proc(5) numbers them from 1, and the state is number 3.
  return {
    pid: fields.numberBetween(0, open),
    comm: text.slice(open + 2, close),
    state: state as ProcessState,
    ppid: fields.number(), pgrp: fields.number(), session: fields.number(), ttyNr: fields.number(), tpgid: fields.number(), flags: fields.number(),
    minflt: fields.number(), cminflt: fields.number(), majflt: fields.number(), cmajflt: fields.number(),
    utimeTicks: fields.number(), stimeTicks: fields.number(), cutimeTicks: fields.number(), cstimeTicks: fields.number(),
    priority: fields.number(), nice: fields.number(), numThreads: fields.number(), itrealvalue: fields.number(),
    starttimeTicks: fields.number(), vsizeBytes: fields.number(), rssPages: fields.number(), rsslimBytes: fields.exact(),
    startcode: fields.exact(), endcode: fields.exact(), startstack: fields.exact(), kstkesp: fields.exact(), kstkeip: fields.exact(),
    signal: fields.exact(), blocked: fields.exact(), sigignore: fields.exact(), sigcatch: fields.exact(), wchan: fields.exact(),
    nswap: fields.number(), cnswap: fields.number(), exitSignal: fields.number(), processor: fields.number(),
    rtPriority: fields.number(), policy: fields.number(), delayacctBlkioTicks: fields.number(),
    guestTimeTicks: fields.number(), cguestTimeTicks: fields.number(),
    startData: fields.exact(), endData: fields.exact(), startBrk: fields.exact(),
    argStart: fields.exact(), argEnd: fields.exact(), envStart: fields.exact(), envEnd: fields.exact(), exitCode: fields.number(),
  }
}

/** Takes one field after another; each ends at a blank, the last at the end of the line. */
class FieldReader {
  readonly #place: Place
  readonly #end: number
  #at: number
  #next: number
  #taken = 3

  constructor(place: Place, at: number, end: number) {
    this.#place = place
    this.#at = at
    this.#next = at
    this.#end = end
  }

  #advance(): void {
    const at = this.#next
    if (at > this.#end) throw new ProcParseError(this.#place, `${FIELDS} fields, not ${this.#taken}`)
    const blank = this.#place.text.indexOf(' ', at)
    const to = blank === -1 || blank > this.#end ? this.#end : blank
    this.#at = at
    this.#next = to + 1
    this.#taken++
  }

  numberBetween(from: number, to: number): number {
    const { text } = this.#place
    const value = text.charCodeAt(from) === MINUS ? -plainDecimal(text, from + 1, to) : plainDecimal(text, from, to)
    return Number.isNaN(value) ? integer(text.slice(from, to), this.#place) : value
  }

  number(): number {
    this.#advance()
    return this.numberBetween(this.#at, this.#next - 1)
  }

  exact(): bigint {
    this.#advance()
    const { text } = this.#place
    const to = this.#next - 1
    const value = plainDecimal(text, this.#at, to)
    // The two that most fields have need no new bigint.
    if (value === 0) return 0n
    if (!Number.isNaN(value)) return BigInt(value)
    if (to - this.#at === INFINITE_TEXT.length && text.startsWith(INFINITE_TEXT, this.#at)) return INFINITE
    return exactInteger(text.slice(this.#at, to), this.#place)
  }
}
