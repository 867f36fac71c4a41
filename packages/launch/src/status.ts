import { errnoName, SyscallError, type Program } from '@ctr/syscall'
import { state, status } from './layout.ts'

/** What the status page says: how far the process has come. */
export interface Status {
  /** The call being made when the page was read. */
  readonly index: number
  readonly state: 'running' | 'failed' | 'short'
  readonly errno: number
  readonly result: number
  /** The host PID of the process behind clone3; 0 before it. */
  readonly pid: number
}

export function readStatus(page: Uint8Array, block = 0): Status {
  const view = new DataView(page.buffer, page.byteOffset + block * status.block, status.block)
  const value = view.getUint32(status.state, true)
  return {
    index: view.getUint32(status.index, true),
    state: value === state.failed ? 'failed' : value === state.short ? 'short' : 'running',
    errno: view.getUint32(status.errno, true),
    result: Number(view.getBigInt64(status.result, true)),
    pid: view.getUint32(status.pid, true),
  }
}

/** When a call began and returned, in nanoseconds of CLOCK_MONOTONIC; end is undefined where it did not return. */
export interface Timing {
  readonly index: number
  readonly start: bigint
  readonly end: bigint | undefined
}

export function readTimes(page: Uint8Array, program: Program): Timing[] {
  const view = new DataView(page.buffer, page.byteOffset)
  const time = (at: number) => view.getBigInt64(at, true) * 1_000_000_000n + view.getBigInt64(at + 8, true)
  return program.flatMap((_, index) => {
    const at = status.rows + status.row * index
    const start = time(at)
    return start === 0n ? [] : [{ index, start, end: time(at + status.after) || undefined }]
  })
}

/** The errno that call `index` was allowed to fail with; 0 where it succeeded. */
export function allowedErrno(page: Uint8Array, index: number): number {
  const result = new DataView(page.buffer, page.byteOffset).getInt32(status.rows + status.row * index + status.allowed, true)
  return result < 0 ? -result : 0
}

/** The error that a status page describes. */
export function statusError(program: Program, { index, state, errno, result }: Status): SyscallError {
  if (state === 'short') return new SyscallError(program, index, 'ESHORT', { hint: `it returned ${result}, not ${program[index]?.returns}` })
  return new SyscallError(program, index, errnoName(errno))
}
