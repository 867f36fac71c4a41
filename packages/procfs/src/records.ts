import type { Endianness } from './directory.ts'
import { lines } from './lines.ts'
import { type Place, ProcParseError } from './proc-parse-error.ts'

/** Takes the lines of a file one after another; a record comes out when it is whole. */
export interface Records<T> {
  line(place: Place): T | undefined
  /** The last record, where only the end of the file shows that it is whole. */
  end?(): T | undefined
}

/** Begins to take the lines of a file: the one parser of it, whether it is read as one text or streamed. */
export type BeginRecords<T> = (file: string, endianness: Endianness) => Records<T>

/** A file whose every line is a record. */
export function everyLine<T>(parse: (place: Place) => T): BeginRecords<T> {
  const records = { line: parse }
  return () => records
}

/** A file whose first line is a heading that begins with `start`; a file without it is an error, and so is an empty one, unless it may be. */
export function underHeading<T>(start: string, begin: BeginRecords<T>, empty: 'an error' | 'no records' = 'an error'): BeginRecords<T> {
  return (file, endianness) => {
    const records = begin(file, endianness)
    const wrong = (place: Place): ProcParseError => new ProcParseError(place, `a heading that begins with ${JSON.stringify(start)}`)
    let headed = false
    return {
      line: (place) => {
        if (headed) return records.line(place)
        if (!place.text.trimStart().startsWith(start)) throw wrong(place)
        headed = true
        return undefined
      },
      end: () => {
        if (!headed && empty === 'an error') throw wrong({ file, line: 1, text: '' })
        return records.end?.()
      },
    }
  }
}

/** All records of a text. */
export function allRecords<T>(begin: BeginRecords<T>, text: string, file: string, endianness: Endianness = 'LE'): T[] {
  const records = begin(file, endianness)
  const all: T[] = []
  for (const place of lines(text, file)) {
    const record = records.line(place)
    if (record !== undefined) all.push(record)
  }
  const last = records.end?.()
  if (last !== undefined) all.push(last)
  return all
}
