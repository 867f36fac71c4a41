import { closeSync, openSync, readdirSync } from 'node:fs'
import { children } from './leaks.ts'

/**
 * Does something with room for no descriptor, for one, and so on up to 23. For a process of its own whose limit is low.
 *
 * @returns how many more descriptors are open afterwards, and how many children there are
 */
export async function withFewDescriptors(attempt: () => Promise<void>): Promise<{ readonly fds: number; readonly children: number }> {
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  for (let room = 0; room < 24; room++) {
    const taken = takeAll()
    for (const fd of taken.splice(taken.length - room)) closeSync(fd)
    await attempt()
    for (const fd of taken) closeSync(fd)
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
  return { fds: open() - before, children: children().length }
}

function takeAll(): number[] {
  const taken: number[] = []
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'))
    } catch {
      return taken
    }
  }
}
