import type { Machine } from '@ctr/elf'
import { constant, families } from '@ctr/syscall'
import type { SignalName } from './kernel.ts'

/** How init behaves. It takes no options on its command line: they are written into its code. */
export interface InitOptions {
  /** The processor; this one's if left out. */
  readonly machine?: Machine
  /** Sends signals to the payload's whole process group. */
  readonly group?: boolean
  /** Starts the payload in a session of its own (true, if left out) or only in a process group of its own. */
  readonly setsid?: boolean
  /** Adopts orphans where init is not PID 1, too. */
  readonly subreaper?: boolean
  /** Sends another signal than the one that came, or none. */
  readonly rewrite?: Readonly<Partial<Record<SignalName, SignalName | null>>>
  /** Kills the payload so long after the first SIGTERM, if it is still there: 1 to 86400, or 0 for never. */
  readonly graceSeconds?: number
}

/** All options, with what is left out filled in. */
export interface Settled {
  readonly group: boolean
  readonly setsid: boolean
  readonly subreaper: boolean
  /** Signal numbers: what comes, and what is sent for it; 0 is nothing. */
  readonly rewrite: ReadonlyMap<number, number>
  /** 0 is never. */
  readonly graceSeconds: number
}

/** Checks the options. */
export function settle({ group = false, setsid = true, subreaper = false, rewrite = {}, graceSeconds = 0 }: InitOptions): Settled {
  for (const [name, option] of Object.entries({ group, setsid, subreaper }))
    if (typeof option !== 'boolean') throw new TypeError(`Cannot set ${name} to ${String(option)}: it is not true or false`)
  if (!Number.isInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > 86400)
    throw new RangeError(`Cannot wait ${String(graceSeconds)} seconds before SIGKILL: it is not 0 to 86400 whole seconds`)
  const pairs = Object.entries(rewrite).map(([from, to]): [number, number] => {
    const source = number(from)
    if (['SIGKILL', 'SIGSTOP', 'SIGCHLD'].includes(from)) throw new TypeError(`Cannot rewrite ${from}: init never forwards it`)
    return [source, to === null ? 0 : number(to)]
  })
  return { group, setsid, subreaper, rewrite: new Map(pairs), graceSeconds }
}

function number(name: unknown): number {
  if (!(families.signal as readonly unknown[]).includes(name)) throw new TypeError(`Cannot rewrite signal ${JSON.stringify(name)}: there is none of that name`)
  return constant(name as SignalName)
}
