import { closeSync, openSync, promises, readSync as readDescriptor } from 'node:fs'
import type { Directory } from './directory.ts'
import type { Place } from './proc-parse-error.ts'
import { readAsync } from './read-async.ts'
import { readSync } from './read-sync.ts'
import { vanished } from './reading.ts'
import type { BeginRecords, Records } from './records.ts'

const CHUNK_BYTES = 65_536
const NEWLINE = 10

/** Bytes in, records out: whole lines are taken from a buffer that grows only for a line that does not fit. */
class RecordStream<T> {
  buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  /** How much of the buffer is the beginning of a line. */
  kept = 0
  readonly #file: string
  readonly #encoding: Directory['view']['encoding']
  readonly #records: Records<T>
  #line = 0

  constructor(directory: Directory, name: string, begin: BeginRecords<T>) {
    this.#file = `${directory.path}/${name}`
    this.#encoding = directory.view.encoding
    this.#records = begin(this.#file, directory.view.endianness)
  }

  /** The records of what was read behind `kept`. */
  *take(bytes: number): Generator<T, void> {
    const filled = this.kept + bytes
    const newline = this.buffer.lastIndexOf(NEWLINE, filled - 1)
    if (newline !== -1) {
      yield* this.#lines(this.buffer.toString(this.#encoding, 0, newline))
      this.buffer.copyWithin(0, newline + 1, filled)
    }
    this.kept = filled - (newline + 1)
    if (this.kept === this.buffer.length) this.buffer = Buffer.concat([this.buffer], 2 * this.buffer.length)
  }

  /** The records that the end of the file completes. */
  *end(): Generator<T, void> {
    if (this.kept > 0) yield* this.#lines(this.buffer.toString(this.#encoding, 0, this.kept))
    const last = this.#records.end?.()
    if (last !== undefined) yield last
  }

  *#lines(text: string): Generator<T, void> {
    for (const line of text.split('\n')) {
      const place: Place = { file: this.#file, line: ++this.#line, text: line }
      const record = this.#records.line(place)
      if (record !== undefined) yield record
    }
  }
}

const refuse = (directory: Directory, name: string): void => {
  if (directory.hold?.closed === true) throw new TypeError(`Cannot read ${directory.path}/${name} after close()`)
}

/** The records of a file, one at a time, read as they are asked for. */
export function* streamSync<T>(directory: Directory, name: string, begin: BeginRecords<T>): Generator<T, void> {
  refuse(directory, name)
  const stream = new RecordStream(directory, name, begin)
  let fd: number | undefined
  try {
    try {
      fd = openSync(`${directory.base}/${name}`, 'r')
    } catch (error) {
      readSync(vanished(directory, name, error))
      return
    }
    for (;;) {
      let bytes = 0
      try {
        bytes = readDescriptor(fd, stream.buffer, stream.kept, stream.buffer.length - stream.kept, null)
      } catch (error) {
        readSync(vanished(directory, name, error))
      }
      if (bytes === 0) break
      yield* stream.take(bytes)
    }
    yield* stream.end()
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** The records of a file, one at a time; what is read next is read on the thread pool. */
export async function* streamAsync<T>(directory: Directory, name: string, begin: BeginRecords<T>): AsyncGenerator<T, void> {
  refuse(directory, name)
  const stream = new RecordStream(directory, name, begin)
  let file: Awaited<ReturnType<typeof promises.open>> | undefined
  try {
    try {
      file = await promises.open(`${directory.base}/${name}`)
    } catch (error) {
      await readAsync(vanished(directory, name, error))
      return
    }
    for (;;) {
      let bytes = 0
      try {
        bytes = (await file.read(stream.buffer, stream.kept, stream.buffer.length - stream.kept, null)).bytesRead
      } catch (error) {
        await readAsync(vanished(directory, name, error))
      }
      if (bytes === 0) break
      yield* stream.take(bytes)
    }
    yield* stream.end()
  } finally {
    await file?.close()
  }
}
