import type { Machine } from '@ctr/syscall'
import { assemble, assembleProgram } from './assemble.ts'
import type { Owned } from './descriptor.ts'
import { programFd } from './layout.ts'
import { executable, programData } from './memfd.ts'
import { packagedInterpreter } from './packaged.ts'
import type { Plan } from './plan.ts'
import { spawn } from './posix-spawn.ts'
import type { Weaving } from './weave.ts'

let memfdForbidden = false

/** The architecture to assemble for: the one we run on. */
function machine(): Machine {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch
  throw new TypeError(`Cannot launch on ${process.arch}: programs are assembled for x64 and arm64`)
}

/**
 * Starts the plan, by memfd where that is allowed, else by the packaged file.
 *
 * @param fds what the process gets as 0, 1, 2, …; nothing where undefined
 * @param owned takes what is opened on the way
 * @returns the pid of the child
 */
export function exec(plan: Plan, weaving: Weaving, image: 'memfd' | 'file' | undefined, fds: readonly (number | undefined)[], owned: Owned): number {
  if (image === 'memfd' || (image === undefined && !memfdForbidden)) {
    try {
      return spawn(executable(assemble(plan, machine(), weaving), owned), fds, owned)
    } catch (error) {
      // vm.memfd_noexec=2 refuses to make one, fapolicyd and IMA to execute it.
      const { code } = error as { code?: string }
      if (image === 'memfd' || (code !== 'EACCES' && code !== 'EPERM')) throw error
      const pid = execFile(plan, weaving, fds, owned)
      memfdForbidden = true
      return pid
    }
  }
  return execFile(plan, weaving, fds, owned)
}

function execFile(plan: Plan, weaving: Weaving, fds: readonly (number | undefined)[], owned: Owned): number {
  if (fds.length > programFd) throw new RangeError(`Cannot pass ${fds.length} descriptors to the packaged interpreter: it finds its program at ${programFd}`)
  const data = programData(assembleProgram(plan, machine(), weaving), owned)
  // What is in between is closed by the program, together with all that is not its own.
  const between = new Array<number>(programFd - fds.length).fill(data)
  return spawn(packagedInterpreter(machine(), owned), [...fds, ...between, data], owned)
}
