import { readFileSync, statSync } from 'node:fs'
import { parsePasswd } from '../../user.ts'
import type { OciState } from './oci-state.ts'
import type { OciStore } from './oci-store.ts'
import { reportedState, statusOf, type OciStatus } from './status.ts'

/** A container as `state` and `list` print it: members and their order are those of runc, which programs read. */
export interface Listed {
  readonly ociVersion: string
  readonly id: string
  /** 0 where there is no process. */
  readonly pid: number
  readonly status: OciStatus
  readonly bundle: string
  readonly rootfs: string
  readonly created: string
  readonly annotations?: Readonly<Record<string, string>>
  /** The name of who made it or, where this machine has no name for them, `#` and the user ID. */
  readonly owner: string
}

export function listed(store: OciStore, state: OciState): Listed {
  const { ociVersion, id, pid = 0, status, bundle, annotations } = reportedState(state, statusOf(store, state))
  return { ociVersion, id, pid, status, bundle, rootfs: state.rootfs, created: state.created, ...(annotations === undefined ? {} : { annotations }), owner: nameOf(statSync(store.directory(id)).uid) }
}

/** Read once, for all that are listed. */
let users: ReturnType<typeof parsePasswd> | undefined

function nameOf(uid: number): string {
  return (users ??= readUsers()).find((each) => each.uid === uid)?.name ?? `#${uid}`
}

function readUsers(): ReturnType<typeof parsePasswd> {
  try {
    return parsePasswd(readFileSync('/etc/passwd', 'latin1'))
  } catch {
    // Then nobody has a name.
    return []
  }
}
