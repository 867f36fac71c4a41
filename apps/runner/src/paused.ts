import { CgroupError, frozen, type Group } from '@ctr/cgroup'

/** Whether nothing in the group runs. A group that is gone by now is that of a container that has just ended. */
export function paused(group: Group): boolean {
  try {
    return frozen(group)
  } catch (error) {
    if (error instanceof CgroupError && ['ENOENT', 'ENODEV'].includes(error.code)) return false
    throw error
  }
}

/** Nothing can be started in the container: it would not run either. */
export class PausedError extends Error {
  readonly code = 'EPAUSED'
  readonly containerName: string
  constructor(name: string) {
    super(`The container ${JSON.stringify(name)} is paused: unpause it first`)
    this.name = 'PausedError'
    this.containerName = name
  }
}
