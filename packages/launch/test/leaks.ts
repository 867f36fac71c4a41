import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { expect } from 'vitest'

const read = <T>(get: () => T): T | undefined => {
  try {
    return get()
  } catch {
    return undefined
  }
}

/** Every process whose parent we are, zombies too. */
export function children(parent = process.pid): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    const stat = /^\d+$/.test(pid) ? read(() => readFileSync(`/proc/${pid}/stat`, 'latin1')) : undefined
    const [state, ppid] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
    return stat !== undefined && Number(ppid) === parent ? [`${stat.slice(0, stat.lastIndexOf(')') + 1)} ${state}`] : []
  })
}

/** What could be left of a launch: our descriptors by kind, our children, the mounts we see. */
function count() {
  const fds = readdirSync('/proc/self/fd').flatMap((fd) => read(() => readlinkSync(`/proc/self/fd/${fd}`)) ?? [])
  return { fds: fds.map((target) => target.replace(/\d+/g, 'N')).sort(), children: children(), mounts: readFileSync('/proc/self/mountinfo', 'utf8') }
}

/** What there is before a test, once what earlier tests have started is gone: streams close a moment after their test. */
export async function census(): Promise<ReturnType<typeof count>> {
  let last = ''
  await expect.poll(() => {
    const before = last
    last = JSON.stringify(count().fds)
    return before === last && !last.includes('pidfd')
  }, { timeout: 20_000, interval: 50 }).toBe(true)
  return count()
}

/** All is as it was; streams close and namespaces end a moment later. */
export async function expectNothingLeft(before: ReturnType<typeof count>): Promise<void> {
  await expect.poll(count, { timeout: 20_000, interval: 10 }).toEqual(before)
}
