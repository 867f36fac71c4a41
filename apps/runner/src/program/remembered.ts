import { fixed } from '@ctr/launch'
import type { Program } from '@ctr/syscall'

/** More than anybody has of different containers at a time; then it starts again. */
const limit = 64

/**
 * The same function, which keeps what it returned: most calls of a container are the same as of the one before, and writing them down
 * again takes a third of the time that starting it takes in JavaScript (`bench/start.mjs`).
 *
 * @param make pure, with arguments that are JSON
 */
export function remembered<A extends readonly unknown[]>(make: (...args: A) => Program): (...args: A) => Program {
  const known = new Map<string, Program>()
  return (...args) => {
    const key = JSON.stringify(args)
    const before = known.get(key)
    if (before) return before
    if (known.size >= limit) known.clear()
    const made = fixed(make(...args))
    known.set(key, made)
    return made
  }
}
