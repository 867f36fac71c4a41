/**
 * The process or thread is gone, or was never there: its directory does not exist any more.
 *
 * Shaped like Node's system errors. A file that is missing although the process lives (a kernel without it) and a
 * refusal (EACCES, EPERM) are not this: those are Node's own errors, passed on.
 */
export class ProcessVanishedError extends Error {
  override readonly name = 'ProcessVanishedError'
  readonly code = 'ESRCH'
  readonly errno = -3
  readonly pid: number
  readonly path: string

  constructor(pid: number, path: string, cause: unknown) {
    super(`ESRCH: no such process, ${path}`, { cause })
    this.pid = pid
    this.path = path
  }
}
