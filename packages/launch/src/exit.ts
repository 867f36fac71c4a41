import { constant, errnoName, families } from '@ctr/syscall'
import { native } from './native.ts'

/** How a process ended, and what it used. */
export interface Exit {
  /** The exit status; null where a signal ended it. */
  readonly code: number | null
  /** Null too where somebody else in this process has waited for it and knows. */
  readonly signal: string | null
  /** 128 + n for a signal n, as shells report it; 255 where it is not known. */
  readonly status: number
  readonly userMicros: number
  readonly systemMicros: number
  readonly maxRssBytes: number
}

const CLD_EXITED = 1 // asm-generic/siginfo.h

const unknown: Exit = { code: null, signal: null, status: 255, userMicros: 0, systemMicros: 0, maxRssBytes: 0 }

/**
 * What waitid(2) says of a process through its pidfd; undefined while it runs.
 *
 * Only ever by pidfd: waiting for any child would take libuv's own children from it.
 *
 * @param keep leave it a zombie, to be waited for again
 * @param type what the number is: the PID only where there is no descriptor left for a pidfd
 */
export function reap(pidfd: number, { keep = false, type = 'P_PIDFD' }: { readonly keep?: boolean; readonly type?: 'P_PIDFD' | 'P_PID' } = {}): Exit | undefined {
  // siginfo_t is 128 bytes: si_code at 8, si_pid at 16, si_status at 24; struct rusage is 144.
  const info = new Uint8Array(new ArrayBuffer(128))
  const usage = new Uint8Array(new ArrayBuffer(144))
  // __WALL: a clone child need not end with SIGCHLD.
  const options = constant('WEXITED') | (type === 'P_PIDFD' ? constant('WNOHANG') : 0) | constant('__WALL') | (keep ? constant('WNOWAIT') : 0)
  if (native().waitid(constant(type), pidfd, info, options, usage) !== 0) {
    const code = errnoName(native().errno())
    if (code === 'ECHILD') return unknown
    throw Object.assign(new Error(`waitid: ${code}`), { code, syscall: 'waitid' })
  }
  const view = new DataView(info.buffer)
  if (view.getInt32(16, true) === 0) return undefined
  const status = view.getInt32(24, true)
  const exited = view.getInt32(8, true) === CLD_EXITED
  const times = new DataView(usage.buffer)
  const micros = (at: number) => Number(times.getBigInt64(at, true)) * 1_000_000 + Number(times.getBigInt64(at + 8, true))
  return {
    code: exited ? status : null,
    signal: exited ? null : (families.signal.findLast((name) => constant(name) === status) ?? `SIGRT${status}`),
    status: exited ? status : 128 + status,
    userMicros: micros(0),
    systemMicros: micros(16),
    maxRssBytes: Number(times.getBigInt64(32, true)) * 1024,
  }
}
