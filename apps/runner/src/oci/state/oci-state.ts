import type { Identity } from '@ctr/procfs'
import type { HookKind } from '../config/config-shape.ts'
import type { ResctrlGroup } from '../program/intel-rdt.ts'
import type { GroupKind } from '../oci-group.ts'

/** What is written down of a container for the commands that come after: everything else follows from it and from the machine. */
export interface OciState {
  /** Of this format. */
  readonly v: 1
  readonly id: string
  readonly ociVersion: string
  /** Absolute. */
  readonly bundle: string
  readonly rootfs: string
  /** ISO 8601 */
  readonly created: string
  readonly annotations: Readonly<Record<string, string>>
  /** Path of the group. */
  readonly cgroup: string
  /** In which hierarchies; in all, where that was not written down. */
  readonly groups?: GroupKind
  /** The unit of systemd whose group it is. */
  readonly unit?: string
  /** Its class of service in resctrl. */
  readonly resctrl?: ResctrlGroup
  /** The name of its session keyring; undefined where it was given none. */
  readonly keyring?: string
  /** The kinds of hooks that its configuration has; where that was not written down, it has to be read again. */
  readonly hooks?: readonly HookKind[]
  /** Whether it has a PID namespace of its own, whose end is the end of all its processes. */
  readonly ownPids: boolean
  /** The process that makes it, as long as it is being made. */
  readonly creator: Identity
  /** Its first process, as the host sees it. */
  readonly process?: Identity
  readonly rootless: boolean
  /** What its 0, 1 and 2 were when it was made, as the links in /proc/PID/fd say: pipes among them are the caller's. */
  readonly stdio?: readonly string[]
}

/** @throws SyntaxError it is not a state that we wrote */
export function parseOciState(text: string, file: string): OciState {
  let state: Partial<OciState> | null
  try {
    state = JSON.parse(text) as Partial<OciState> | null
  } catch (cause) {
    throw new SyntaxError(`${file} is not a container's state: ${(cause as Error).message}`, { cause })
  }
  const whole = typeof state === 'object' && state !== null && state.v === 1 && [state.id, state.bundle, state.cgroup, state.ociVersion, state.rootfs].every((each) => typeof each === 'string')
    && isIdentity(state.creator) && (state.process === undefined || isIdentity(state.process)) && typeof state.annotations === 'object' && (state.hooks === undefined || Array.isArray(state.hooks)) && (state.stdio === undefined || Array.isArray(state.stdio))
    && (state.resctrl === undefined || (typeof state.resctrl === 'object' && typeof state.resctrl?.directory === 'string'))
    && [state.unit, state.keyring].every((each) => ['string', 'undefined'].includes(typeof each))
  if (!whole) throw new SyntaxError(`${file} is not a container's state in format 1`)
  return state as OciState
}

const isIdentity = (value: Partial<Identity> | undefined): boolean => Number.isSafeInteger(value?.pid) && value!.pid! > 0 && Number.isSafeInteger(value!.starttimeTicks)
