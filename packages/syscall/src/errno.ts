import { errnoTable, type ErrnoName } from './errno-table.ts'

export { errnoTable, type ErrnoName }

const names = new Map<number, ErrnoName>(Object.entries(errnoTable).map(([name, value]) => [value, name as ErrnoName]))

/** The name of a positive error number, `errno 133` where the kernel's headers have none. */
export function errnoName(value: number): ErrnoName | `errno ${number}` {
  return names.get(value) ?? `errno ${value}`
}
