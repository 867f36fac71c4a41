/**
 * The environment that a process was started with, from a /proc/PID/environ text.
 *
 * Later changes do not show, except when the process writes over that memory. Of a name that occurs twice the first
 * counts, as for getenv(3); entries without `=` are left out. The object has no prototype: `__proto__` is a name.
 *
 * @see proc(5) /proc/pid/environ
 * @example
 * parseEnviron('HOME=/root\0TERM=xterm\0').HOME // '/root'
 */
export function parseEnviron(text: string): Record<string, string> {
  const environment = Object.create(null) as Record<string, string>
  for (const entry of text.split('\0')) {
    const equals = entry.indexOf('=')
    if (equals < 1) continue
    const name = entry.slice(0, equals)
    if (!(name in environment)) environment[name] = entry.slice(equals + 1)
  }
  return environment
}
