import { SyscallError } from '@ctr/syscall'
import { SpawnError } from '../posix-spawn.ts'

/** Why a process did not start, in the shape of child_process's; `cause` has the call that the kernel refused, and its reason. */
export interface SpawnFailure extends Error {
  readonly code: string
  readonly errno: number
  /** `spawn FILE` */
  readonly syscall: string
  readonly path: string
  readonly spawnargs: readonly string[]
}

/** The error that child_process would have; undefined for what is not the kernel's answer. */
export function spawnFailure(cause: unknown, file: string, args: readonly string[]): SpawnFailure | undefined {
  const known = cause instanceof SyscallError || cause instanceof SpawnError || (cause instanceof Error && 'errno' in cause)
  if (!known) return undefined
  const { code, errno } = cause as NodeJS.ErrnoException
  return Object.assign(new Error(`spawn ${file} ${code}`, { cause }), { errno: errno ?? 0, code: code ?? 'EIO', syscall: `spawn ${file}`, path: file, spawnargs: args })
}

/** What an AbortSignal is answered with (ABORT_ERR of node:events). */
export function abortError(reason: unknown): Error {
  const error = Object.assign(new Error('The operation was aborted', { cause: reason }), { code: 'ABORT_ERR' })
  error.name = 'AbortError'
  return error
}
