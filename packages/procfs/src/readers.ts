import type { Directory } from './directory.ts'
import type { Reading } from './reading.ts'

/** Readings by the name of the method that they become. */
export type Readings = Readonly<Record<string, (directory: Directory, ...args: never[]) => Reading<unknown>>>

/** Readings as methods that return what they read. */
export type SyncReaders<All> = {
  readonly [Name in keyof All]: All[Name] extends (directory: Directory, ...args: infer Args) => Reading<infer T> ? (...args: Args) => T : never
}

/** Readings as methods that return promises of what they read. */
export type AsyncReaders<All> = {
  readonly [Name in keyof All]: All[Name] extends (directory: Directory, ...args: infer Args) => Reading<infer T> ? (...args: Args) => Promise<T> : never
}

/** Makes readings methods of a class whose objects have a directory. */
export function becomeMethods(prototype: { readonly directory: Directory }, readings: Readings, run: (reading: Reading<unknown>) => unknown): void {
  for (const [name, reading] of Object.entries(readings)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value(this: { readonly directory: Directory }, ...args: never[]) {
        return run(reading(this.directory, ...args))
      },
    })
  }
}
