import type { Program } from '@ctr/syscall'
import type { LaunchOptions } from './options.ts'
import type { LaunchedProcess } from './process.ts'
import { Started } from './started.ts'
import { supervise } from './supervise.ts'

/**
 * The program runs as a new process, and has come to its execve or its end.
 *
 * The event loop is blocked while the executable is started, not while the program runs. On any error all that was started is ended and
 * waited for before the promise rejects.
 *
 * @param program the calls the process makes; the last is usually execve
 * @returns the running process
 * @throws {SyscallError} the kernel refused a call: `index` counts in `planFor(program, options).program`; `code` is the errno, `ESHORT` where
 *   the call returned another value than its `returns`, or the signal that ended the process in this call. In a second attempt (`cgroupBy`) it
 *   counts in the plan of that
 * @throws {SpawnError} EBADF: a descriptor that was given is not open
 * @throws {SpawnError} EACCES: neither a memfd nor the packaged file may be executed
 * @throws {TypeError} a flag is no namespace, a name is taken, or the program closes its control socket
 * @throws {RangeError} there are more calls or descriptors than there is room for
 * @throws what a handler of a checkpoint or step threw, or the reason of `signal`
 * @see posix_spawn(3), clone(2), memfd_create(2), pidfd_open(2), close_range(2)
 *
 * @example
 * ```ts
 * import { launch } from '@ctr/launch'
 * import { sys } from '@ctr/syscall'
 *
 * const box = await launch([sys.execve('/bin/sh', ['sh', '-c', 'exit 7'], [], 'what it is all for')], { namespaces: ['CLONE_NEWPID'] })
 * console.log((await box.exited).code) // 7
 * ```
 */
export async function launch(program: Program, options: LaunchOptions = {}): Promise<LaunchedProcess> {
  options.signal?.throwIfAborted()
  const started = new Started(program, options)
  try {
    return await supervise(started, options)
  } catch (error) {
    await started.abandon()
    throw error
  }
}
