import type { Identity } from '@ctr/procfs'
import type { ContainerConfig } from './config.ts'

/** How the command of a container ended. */
export interface Outcome {
  /** 0 to 255; 128 + n for a signal n. */
  readonly exitCode: number
  readonly signal: string | null
  /** Only what is known: memory counters of the cgroup for `oom`, our own note for `stop` and `kill`. */
  readonly reason?: { readonly kind: 'oom'; readonly peakBytes: number; readonly limitBytes: number } | { readonly kind: 'stop' | 'kill'; readonly signal: string; readonly byPid: number }
}

/** What is written down of a container, so that other processes can see it and act on it. */
export interface State {
  /** Of this format. */
  readonly v: 1
  readonly id: string
  readonly name: string
  /** As last written; `ContainerRecord.status` says what is true now. */
  readonly status: 'creating' | 'running' | 'exited'
  readonly config: ContainerConfig
  /** ISO 8601 */
  readonly created: string
  readonly started?: string
  readonly finished?: string
  /** The process that looks after it. */
  readonly owner: Identity
  /** PID 1 of the container, as the host sees it. */
  readonly process?: Identity
  /** Its path in every cgroup hierarchy. */
  readonly cgroup: string
  readonly outcome?: Outcome
}

/** @throws SyntaxError it is not a state that we wrote */
export function parseState(text: string, file: string): State {
  const state = parse(text, file) as Partial<State> | null
  const whole = typeof state === 'object' && state !== null && state.v === 1 && typeof state.id === 'string' && typeof state.name === 'string' && typeof state.cgroup === 'string'
    && ['creating', 'running', 'exited'].includes(state.status!) && isIdentity(state.owner) && (state.process === undefined || isIdentity(state.process)) && typeof state.config === 'object'
  if (!whole) throw new SyntaxError(`${file} is not a container's state in format 1`)
  return state as State
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SyntaxError(`${file} is not a container's state: ${(cause as Error).message}`, { cause })
  }
}

const isIdentity = (value: Partial<Identity> | undefined): boolean => Number.isSafeInteger(value?.pid) && value!.pid! > 0 && Number.isSafeInteger(value!.starttimeTicks)
