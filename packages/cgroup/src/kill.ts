import { CgroupError } from './cgroup-error.ts'
import { until, type WaitOptions } from './deadline.ts'
import { populated } from './exists.ts'
import { explained } from './explain-refusal.ts'
import { isRoot, placeOf, type Group } from './group.ts'
import { writeText } from './interface-file.ts'
import { idsIn, procs, subtree } from './members.ts'

/**
 * Every process in the group and below has been killed and is gone from it.
 *
 * v2 and hybrid: one write to `cgroup.kill`, which no fork escapes, frozen or not. v1, and what is in v1 hierarchies only: freeze, SIGKILL
 * all, thaw, and again until empty; on v1 a frozen process dies only when thawed. An empty or missing group is fine.
 *
 * @param timeoutMillis default 5000
 * @throws CgroupError ETIMEDOUT processes are left; the hint lists them
 * @throws CgroupError EOPNOTSUPP v2: a threaded group
 * @throws RangeError this process is in the group
 * @since Linux 5.14 for `cgroup.kill`; before that the v1 way
 */
export async function kill(group: Group, { timeoutMillis = 5000 }: WaitOptions = {}): Promise<void> {
  if (isRoot(group)) throw new RangeError('Cannot kill cgroup "/": it is the root')
  if (!populated(group)) return
  if (procs(group, { recursive: true }).includes(process.pid)) throw new RangeError(`Cannot kill cgroup ${group.path}: this process (${process.pid}) is in it`)
  const killed = killUnified(group)
  const done = await until(() => {
    if (!populated(group)) return true
    if (!killed || strays(group).length > 0) killOneByOne(group)
    return false
  }, timeoutMillis)
  if (done) return
  throw new CgroupError({
    code: 'ETIMEDOUT',
    syscall: 'kill',
    action: `Cannot kill cgroup ${group.path}`,
    hint: `after ${timeoutMillis} ms still there (uninterruptible sleep?): ${procs(group, { recursive: true }).join(', ')}`,
  })
}

/** False when this kernel or this group has no `cgroup.kill`. */
function killUnified(group: Group): boolean {
  const unified = placeOf(group, 'unified')
  if (!unified) return false
  try {
    writeText(`${unified.directory}/cgroup.kill`, '1')
    thawV1(group)
    return true
  } catch (error) {
    // No such group, or Linux < 5.14.
    if (error instanceof CgroupError && ['ENOENT', 'ENODEV'].includes(error.code)) return false
    throw explained(error, 2, `Cannot kill cgroup ${group.path}`)
  }
}

/** Members of v1 hierarchies that `cgroup.kill` did not reach. */
function strays(group: Group): number[] {
  const unified = placeOf(group, 'unified')
  const reached = new Set(unified ? subtree(unified.directory).flatMap((directory) => idsIn(directory, 'cgroup.procs')) : [])
  return procs(group, { recursive: true }).filter((pid) => !reached.has(pid))
}

// Frozen first, so that no PID is reused and no child is forked between reading the list and the signal.
function killOneByOne(group: Group): void {
  setV1Freezer(group, 'FROZEN')
  try {
    for (const pid of procs(group, { recursive: true })) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
      }
    }
  } finally {
    thawV1(group)
  }
}

function thawV1(group: Group): void {
  setV1Freezer(group, 'THAWED')
}

function setV1Freezer(group: Group, state: string): void {
  const freezer = placeOf(group, 'freezer')
  if (freezer?.version !== 1) return
  for (const directory of subtree(freezer.directory)) {
    try {
      writeText(`${directory}/freezer.state`, state)
    } catch (error) {
      if (!(error instanceof CgroupError) || !['ENOENT', 'ENODEV'].includes(error.code)) throw error
    }
  }
}
