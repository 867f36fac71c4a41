import { ProcParseError } from './proc-parse-error.ts'

/** The kernel, as it was built. Distributions word the parts in brackets as they like. */
export interface KernelVersion {
  /** As uname(2) has it: `6.18.44-amd64`. */
  readonly release: string
  /** `user@host` that built it. */
  readonly builder?: string
  readonly compiler?: string
  /** As uname(2) has it: `#1 SMP PREEMPT_DYNAMIC …`. */
  readonly version: string
}

/** The text between a bracket at `from` and the one that closes it. */
function bracketed(text: string, from: number): string | undefined {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return text.slice(from + 1, at)
  }
  return undefined
}

/**
 * The parts of a /proc/version text.
 *
 * @throws {ProcParseError} when it does not begin with `Linux version`, or has no `#`
 * @see proc(5) /proc/version
 * @example
 * parseVersion('Linux version 6.1.0 (a@b) (gcc (Debian) 12) #1 SMP\n').compiler // 'gcc (Debian) 12'
 */
export function parseVersion(text: string, file = 'version'): KernelVersion {
  const match = /^Linux version (\S+) /.exec(text)
  const hash = text.indexOf(' #')
  if (match === null || hash === -1) throw new ProcParseError({ file, line: 1, text: text.split('\n', 1)[0]! }, 'Linux version release (builder) (compiler) #build')
  const first = text.startsWith('(', match[0].length) ? bracketed(text, match[0].length) : undefined
  const secondAt = first === undefined ? -1 : match[0].length + first.length + 3
  const second = secondAt !== -1 && text.startsWith('(', secondAt) ? bracketed(text, secondAt) : undefined
  return {
    release: match[1]!,
    ...(first === undefined ? {} : { builder: first }),
    ...(second === undefined ? {} : { compiler: second }),
    version: text.slice(hash + 1).replace(/\n$/, ''),
  }
}
