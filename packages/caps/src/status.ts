import type { Capability } from './capability.ts'
import { decode } from './mask.ts'

/** The five capability sets of a thread, and the flag that freezes them. See capabilities(7), Thread capability sets. */
export interface CapabilityState {
  /** What execve keeps if the file has it too. */
  readonly inheritable: readonly Capability[]
  /** What the thread may make effective. */
  readonly permitted: readonly Capability[]
  /** What the kernel looks at. */
  readonly effective: readonly Capability[]
  /** The limit on what execve can give. */
  readonly bounding: readonly Capability[]
  /** What execve of an ordinary file keeps for a user other than 0. */
  readonly ambient: readonly Capability[]
  /** execve gives nothing that was not there before. */
  readonly noNewPrivs: boolean
}

/**
 * The capability sets in the text of a /proc/PID/status.
 *
 * @throws SyntaxError a line is missing or is not a mask
 * @see proc_pid_status(5)
 */
export function parseStatus(text: string): CapabilityState {
  const line = (key: string) => {
    const start = `\n${text}`.indexOf(`\n${key}:`)
    if (start < 0) throw new SyntaxError(`status has no line ${key}`)
    return text.slice(start + key.length + 1).split('\n', 1)[0]!.trim()
  }
  return {
    inheritable: decode(line('CapInh')), permitted: decode(line('CapPrm')), effective: decode(line('CapEff')), bounding: decode(line('CapBnd')),
    ambient: decode(line('CapAmb')), noNewPrivs: line('NoNewPrivs') === '1',
  }
}
