/** What is known when the kernel refuses something. */
export interface Refusal {
  readonly code: string
  /** Negative, as in Node's system errors. */
  readonly errno?: number
  readonly syscall: string
  readonly path?: string
  readonly value?: string
  /** What was wanted, in words, when it is more than one call. */
  readonly action?: string
  /** The probed cause or the next step, in words. */
  readonly hint?: string
}

/**
 * The kernel refused a cgroup operation. Shaped like Node's system errors, as `SyscallError` is, which belongs to a call of a program; these
 * operations are made with node:fs.
 *
 * ```
 * set memory.limit_in_bytes: EBUSY
 *   path  /sys/fs/cgroup/memory/ctrun/abc/memory.limit_in_bytes
 *   hint  usage is 1.2 MiB …
 * ```
 */
export class CgroupError extends Error {
  override readonly name = 'CgroupError'
  readonly code: string
  readonly errno: number | undefined
  readonly syscall: string
  readonly path: string | undefined
  readonly value: string | undefined
  readonly hint: string | undefined

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(message(refusal), options)
    this.code = refusal.code
    this.errno = refusal.errno
    this.syscall = refusal.syscall
    this.path = refusal.path
    this.value = refusal.value
    this.hint = refusal.hint
  }
}

function message({ code, syscall, path, value, action, hint }: Refusal): string {
  const what = action ?? `${syscall} ${path ?? ''}${value === undefined ? '' : ` = ${JSON.stringify(value)}`}`
  return [
    `${what}: ${code}`,
    ...(action && path ? [`  path  ${path}`] : []),
    ...(action && value !== undefined ? [`  value ${value}`] : []),
    ...(hint ? [`  hint  ${hint}`] : []),
  ].join('\n')
}
