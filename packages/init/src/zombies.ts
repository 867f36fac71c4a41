import { readFileSync, readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { siginfo } from './frame.ts'
import { value } from './kernel.ts'

/** A process that was waited for. */
export interface Reaped {
  readonly pid: number
  /** The exit status; null where a signal ended it. */
  readonly code: number | null
  /** `SIGRT` and its number for a real-time signal; null where it exited. */
  readonly signal: string | null
}

// __WNOTHREAD: a Worker's children are its own libuv's; orphans come to the main thread. __WALL: an exit signal other than SIGCHLD.
const wait = (pid: number | undefined, more: readonly 'WNOWAIT'[], why: string): Program[number] =>
  sys.waitid(pid === undefined ? 'P_ALL' : 'P_PID', pid ?? 0, { out: 128 }, ['WNOHANG', 'WEXITED', ...more, '__WALL', '__WNOTHREAD'], { why, allow: ['ECHILD'] })

/** What waitid(2) said: of no child at all where it filled nothing, or only zeros. */
function answer(info: Uint8Array): Reaped | undefined {
  if (info.length === 0) return undefined
  const view = new DataView(info.buffer, info.byteOffset)
  const pid = view.getInt32(siginfo.pid, true)
  if (pid === 0) return undefined
  const status = view.getInt32(siginfo.status, true)
  const exited = view.getInt32(siginfo.code, true) === value('CLD_EXITED')
  return { pid, code: exited ? status : null, signal: exited ? null : (signalNames.get(status) ?? `SIGRT${status}`) }
}

const signalNames = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]))

/** The PID of the first child of this thread that has exited; undefined where none has. It stays a zombie. */
export function firstZombie(): number | undefined {
  const { outputs } = perform([wait(undefined, ['WNOWAIT'], 'it may be a child that another waits for')])
  return answer(outputs.get(0)!)?.pid
}

/** Those of the given PIDs that are children of this thread and have exited. They stay zombies. */
export function zombiesAmong(pids: readonly number[]): number[] {
  const { outputs } = perform(pids.map((pid) => wait(pid, ['WNOWAIT'], 'it may still run')))
  return pids.filter((_, index) => answer(outputs.get(index)!) !== undefined)
}

/** Waits for one child that has exited: its PID may be given to another process from here on. Undefined where it is no zombie of ours. */
export function take(pid: number): Reaped | undefined {
  return answer(perform([wait(pid, [], 'nobody else waits for an orphan')]).outputs.get(0)!)
}

/**
 * The PIDs of all children of the main thread, dead or alive; undefined where there is no procfs of our own PID namespace at /proc.
 *
 * @see proc_pid_task(5), children
 */
export function childrenOfMainThread(): number[] | undefined {
  try {
    // A procfs of another PID namespace has other numbers for the same processes.
    if (readlinkSync('/proc/self') !== String(process.pid)) return undefined
    return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return undefined
  }
}
