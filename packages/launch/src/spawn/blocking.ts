import { constant, families, sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import type { Stdio } from '../stdio-list.ts'

/** What F_SETFL can change and may be set (fcntl(2)), but for O_NONBLOCK. */
const kept = families.open.filter((flag) => flag === 'O_APPEND' || flag === 'O_DIRECT' || flag === 'O_NOATIME')

/**
 * What is given as 0, 1 or 2 waits, as child_process has it (uv__process_child_init in src/unix/process.c): few programs expect that their
 * standard input has no answer yet. It is a flag of what is open, so it is seen wherever that is open.
 *
 * @throws {SyscallError} EBADF: a descriptor is not open
 */
export function makeBlocking(stdio: readonly Stdio[]): void {
  for (const [number, kind] of stdio.slice(0, 3).entries()) {
    const fd = kind === 'inherit' ? number : kind
    if (typeof fd !== 'number') continue
    const [flags = 0] = perform([sys.fcntl(fd, 'F_GETFL', 'what else is set must stay')]).results
    if ((flags & constant('O_NONBLOCK')) === 0) continue
    perform([sys.fcntl(fd, 'F_SETFL', kept.filter((flag) => (flags & constant(flag, machine())) !== 0), 'a program that reads expects to wait')])
  }
}

const machine = () => (process.arch === 'arm64' ? 'arm64' : 'x64')
