import { readlinkSync } from 'node:fs'
import { errnoName, errnoTable, SyscallError } from '@ctr/syscall'
import type { Plan } from './plan.ts'
import type { Started } from './started.ts'
import { allowedErrno, statusError, type Status } from './status.ts'

/** Why the process did not come to its execve or its end; undefined when it did. To be asked when its control socket has been closed. */
export async function failureOf(started: Started): Promise<Error | undefined> {
  const { program } = started.plan
  const status = started.status()
  if (status.state !== 'running') return refined(started, status)
  const other = otherSide(started)
  if (other !== undefined) return other
  const call = program[status.index]
  if (call === undefined) return undefined
  if ((call.name === 'execve' || call.name === 'execveat') && (await executed(started))) return undefined
  // It closed the socket by dying. The death itself may still be under way.
  const { signal, code } = await started.child.ended
  if (signal !== null) return new SyscallError(program, status.index, signal as `SIG${string}`)
  if (call.name === 'exit_group') return undefined
  // Only the first call fails without a word: it makes the place for words. The exit status is the errno.
  return new SyscallError(program, status.index, errnoName(code ?? 0))
}

/** Of several execve candidates (one for each directory of PATH) the first that was there says most. */
function refined(started: Started, status: Status): Error {
  const { program } = started.plan
  const page = started.page()
  const isExec = (index: number) => program[index]?.name === 'execve'
  let first = status.index
  while (status.errno === errnoTable.ENOENT && isExec(first - 1)) first--
  for (let index = first; index < status.index; index++) {
    const errno = allowedErrno(page, index)
    if (errno !== 0 && errno !== errnoTable.ENOENT && errno !== errnoTable.ENOTDIR) return statusError(program, { ...status, index, errno })
  }
  return statusError(program, status)
}

/** The calling side of a clone3 that the program itself has may fail too; the first is only waiting for our death. */
function otherSide(started: Started): Error | undefined {
  for (const [i, side] of started.plan.forks.entries()) {
    if (i === 0) continue
    const status = started.status(i + 1)
    if (status.state !== 'running') return statusError(side.program, status)
  }
  return undefined
}

/** Whether a process that was in execve came out of it as something else, or died in it. */
async function executed({ child, cloned, plan }: Started): Promise<boolean> {
  for (;;) {
    // Before what it is: it may execute something, and die of it, between the two.
    const exit = child.peek()
    const { stat } = child
    const end = stat.lastIndexOf(')')
    // What ended by itself has executed something: the program in front of an execve cannot. Without /proc there is no telling.
    if (stat === '' || (exit?.code ?? null) !== null) return true
    // PF_FORKNOEXEC (include/linux/sched.h) is cleared by the first execve after a fork, before descriptors are closed; field 9 of proc_pid_stat(5).
    if (cloned && (Number(stat.slice(end + 2).split(' ')[6]) & 0x40) === 0) return true
    // What posix_spawn made has executed us already. The next execve gives it another file, and then another name.
    if (!cloned && (stat.slice(stat.indexOf('(') + 1, end) !== nameOf(plan) || executesOther(child.pid))) return true
    if (exit !== undefined) return false
    // Behind a clone3 of the program itself it is the new process that has executed, and this one may be still about to.
    if (cloned && plan.forks.length === 1) return false
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** What the process called itself last; the kernel keeps 15 bytes of it. */
const nameOf = ({ program }: Plan) => program.flatMap(({ args }) => (args[0] === 'PR_SET_NAME' ? [String(args[1]).slice(0, 15)] : [])).at(-1)

function executesOther(pid: number): boolean {
  try {
    const file = readlinkSync(`/proc/${pid}/exe`)
    // The root of a mount that is attached nowhere, as which the packaged file is executed, has no other name.
    return file !== '/memfd:ctr (deleted)' && file !== '/' && !file.endsWith(`/interpreter-${process.arch}`)
  } catch {
    return false
  }
}
