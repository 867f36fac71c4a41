import { ConfigError } from '../config/shape.ts'
import { OciError } from '../oci-error.ts'
import { OciUsageError } from './flags.ts'

/** In one line, in the words that engines look for: those of runc. */
export function messageOf(error: unknown, command: string): string {
  if (error instanceof OciUsageError) return error.message
  const starting = ['create', 'run', 'exec'].includes(command) && isAboutStarting(error) ? 'unable to start container process: ' : ''
  return `${command === 'exec' ? 'exec failed: ' : ''}${starting}${textOf(error)}`
}

/** What is wrong with a request is known before there is anything to start. */
function isAboutStarting(error: unknown): boolean {
  if (error instanceof OciError) return /^(exec: |error running |error adding |chdir to cwd |container init was OOM-killed)/.test(error.message)
  return !(error instanceof ConfigError || error instanceof SyntaxError)
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Messages of refusals have lines for the reason, the place and a hint; engines show one.
  if (error.message.includes('\n')) return error.message.replace(/: (E[A-Z0-9]+)$/m, inWords).split('\n').map((line) => line.trim().replace(/^(why|at|hint|path|value)\s+/, '$1: ')).filter(Boolean).join('; ')
  return systemText(error) ?? error.message
}

/** What the system refused to Node itself, as Go words it: `open /x: permission denied`. */
function systemText({ message, code, syscall, path }: NodeJS.ErrnoException): string | undefined {
  if (code === undefined || syscall === undefined || !message.startsWith(`${code}: `)) return undefined
  const [text] = message.slice(code.length + 2).split(', ')
  return `${syscall}${path === undefined ? '' : ` ${path}`}: ${text}`
}

/** What the C library says of an errno: of those that engines look for, and that a refusal often has. */
const words: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory', EACCES: 'permission denied', EPERM: 'operation not permitted', ENOTDIR: 'not a directory', EINVAL: 'invalid argument', EBUSY: 'device or resource busy', EEXIST: 'file exists',
  ENOSPC: 'no space left on device', ENOMEM: 'cannot allocate memory', EROFS: 'read-only file system', ESRCH: 'no such process', ENODEV: 'no such device', ENXIO: 'no such device or address', EAGAIN: 'resource temporarily unavailable',
}

/** An errno with its words behind it: from these, engines take their exit statuses 126 and 127 (`no such file or directory`, `permission denied`, podman also `operation not permitted`). */
const inWords = (whole: string, code: string): string => (words[code] === undefined ? whole : `: ${code}: ${words[code]}`)
