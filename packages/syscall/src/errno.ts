import { errnoTable, type ErrnoName } from './errno-table.ts'

export { errnoTable, type ErrnoName }

let names: ReadonlyMap<number, ErrnoName> | undefined

/** The name of a positive error number, `errno 133` where the kernel's headers have none. */
export function errnoName(value: number): ErrnoName | `errno ${number}` {
  names ??= new Map(Object.entries(errnoTable).map(([name, number]) => [number, name as ErrnoName]))
  return names.get(value) ?? `errno ${value}`
}
