import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cgroups, group } from '@ctr/cgroup'
import { cgroupPath } from '../src/container-group.ts'
import { storeDirectory } from '../src/store.ts'

const layout = cgroups()

const children = () => readdirSync('/proc/self/task').flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'latin1').split(' ').filter(Boolean))
const descriptors = () => readdirSync('/proc/self/fd').length

export interface Counts {
  readonly children: number
  readonly descriptors: number
}

export const counts = (): Counts => ({ children: children().length, descriptors: descriptors() })

/** What is left of one container, in a fraction of a millisecond: for after each of hundreds. Empty when nothing is, at once or once streams have closed. */
export async function leftOf(name: string, before: Counts): Promise<string[]> {
  for (let i = 0; i < 2000 && look(name, before).length > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10))
  return look(name, before)
}

function look(name: string, before: Counts): string[] {
  const now = counts()
  return [
    ...(existsSync(`${storeDirectory()}/${name}`) ? ['its state'] : []),
    ...group(layout, cgroupPath(name)).places.flatMap(({ directory }) => (existsSync(directory) ? [directory] : [])),
    ...(now.children === before.children ? [] : [`${now.children} children instead of ${before.children}`]),
    ...(now.descriptors > before.descriptors ? [`${now.descriptors} descriptors instead of ${before.descriptors}`] : []),
  ]
}
