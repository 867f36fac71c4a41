type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** The members that are not undefined: what the kernel does not tell is absent. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>
}
