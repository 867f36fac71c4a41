import { promises } from 'node:fs'
import type { Reading, Request } from './reading.ts'

async function answer({ op, directory, name }: Request): Promise<unknown> {
  const path = `${directory.base}/${name}`
  const { encoding } = directory.view
  if (op === 'text') return promises.readFile(path, encoding)
  if (op === 'link') return promises.readlink(path, encoding)
  if (op === 'list') return promises.readdir(path, encoding)
  if (op === 'bytes') return promises.readFile(path)
  return promises.access(path).then(() => true, () => false)
}

/** Does a reading on the thread pool: while a file takes its time, the event loop goes on. */
export async function readAsync<T>(reading: Reading<T>): Promise<T> {
  let step = reading.next()
  while (step.done !== true) {
    let value: unknown
    try {
      value = await answer(step.value)
    } catch (error) {
      step = reading.throw(error)
      continue
    }
    step = reading.next(value)
  }
  return step.value
}
