import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { Reading, Request } from './reading.ts'

// Made once: Node makes such an object of every encoding that it is given.
const READ = { utf8: { encoding: 'utf8', flag: 'r' }, latin1: { encoding: 'latin1', flag: 'r' } } as const

function answer({ op, directory, name }: Request): unknown {
  const path = `${directory.base}/${name}`
  const { encoding } = directory.view
  if (op === 'text') return readFileSync(path, READ[encoding])
  if (op === 'link') return readlinkSync(path, encoding)
  if (op === 'list') return readdirSync(path, encoding)
  if (op === 'bytes') return readFileSync(path)
  return existsSync(path)
}

/** Does a reading on the calling thread. */
export function readSync<T>(reading: Reading<T>): T {
  let step = reading.next()
  while (step.done !== true) {
    let value: unknown
    try {
      value = answer(step.value)
    } catch (error) {
      step = reading.throw(error)
      continue
    }
    step = reading.next(value)
  }
  return step.value
}
