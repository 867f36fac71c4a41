/**
 * The arguments of a /proc/PID/cmdline text; none for a kernel thread or a zombie, and for an instant in the middle of an
 * execve, when the name (comm) is the new one already and the arguments are not on the new stack yet.
 *
 * The process can overwrite this memory (setproctitle), so it is not trusted, and then it may be one string or have
 * empty strings at its end.
 *
 * @see proc(5) /proc/pid/cmdline
 * @example
 * parseCmdline('sleep\0' + '60\0') // ['sleep', '60']
 */
export function parseCmdline(text: string): string[] {
  if (text === '') return []
  return (text.endsWith('\0') ? text.slice(0, -1) : text).split('\0')
}
