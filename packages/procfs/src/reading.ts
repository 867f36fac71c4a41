import type { Directory, Endianness } from './directory.ts'
import { errorCode } from './error-code.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'

/** One thing to be read, as data. `name` is relative to the directory; `.` is the directory itself. */
export interface Request {
  readonly op: 'text' | 'bytes' | 'link' | 'list' | 'exists'
  readonly directory: Directory
  readonly name: string
}

/**
 * What is to be read and what follows from it, written once: a generator that asks, is given the answer or the error, and
 * returns the result. It reads nothing itself, so one interpreter makes it a synchronous method, another an asynchronous one.
 */
export type Reading<T> = Generator<Request, T, unknown>

function* ask<T>(op: 'text' | 'bytes' | 'link' | 'list', directory: Directory, name: string): Reading<T> {
  if (directory.hold?.closed === true) throw new TypeError(`Cannot read ${directory.path}/${name} after close()`)
  try {
    return (yield { op, directory, name }) as T
  } catch (error) {
    yield* vanished(directory, name, error)
    // The PID was given to another meanwhile, or (the second time) the process has no memory.
    return (yield { op, directory, name }) as T
  }
}

/** Throws what an error of a read means: that the process is gone, or itself. Returns where a second try may help. */
export function* vanished(directory: Directory, name: string, error: unknown): Reading<void> {
  const code = errorCode(error)
  if (directory.pid === undefined || (code !== 'ESRCH' && code !== 'ENOENT')) throw error
  // A held directory stays there when its process is gone, but nothing in it does.
  const there = yield { op: 'exists', directory: directory.task, name: directory.hold === undefined ? '.' : 'stat' }
  if (there !== true) throw new ProcessVanishedError(directory.pid, `${directory.path}/${name}`, error)
  if (code !== 'ESRCH') throw error
}

export const text = (directory: Directory, name: string) => ask<string>('text', directory, name)

export const bytes = (directory: Directory, name: string) => ask<Uint8Array>('bytes', directory, name)

export const list = (directory: Directory, name: string) => ask<string[]>('list', directory, name)

/** A link's target; undefined when there is none. */
export function* link(directory: Directory, name: string): Reading<string | undefined> {
  try {
    return yield* ask<string>('link', directory, name)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** What the text of a file means. */
export type Parse<T> = (text: string, file: string, endianness: Endianness) => T

/** A reading by name, of a directory: a row of the tables that the readers are made of. */
export type ReadingOf<T> = (directory: Directory) => Reading<T>

/** The reading of one file. */
export function file<T>(name: string, parse: Parse<T>): ReadingOf<T> {
  return function* (directory) {
    return parse(yield* text(directory, name), `${directory.path}/${name}`, directory.view.endianness)
  }
}

/**
 * The reading of a file about a process's memory. Some kernels show that of a task that has none (a zombie, a kernel
 * thread) as an empty file, others refuse to open it: ESRCH.
 */
export function ofMemory<T>(none: T, reading: ReadingOf<T>): ReadingOf<T> {
  return function* (directory) {
    try {
      return yield* reading(directory)
    } catch (error) {
      if (errorCode(error) === 'ESRCH' && !(error instanceof ProcessVanishedError)) return none
      throw error
    }
  }
}
