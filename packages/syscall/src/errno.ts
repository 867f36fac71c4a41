import { errnoTable, type ErrnoName } from './errno-table.ts'

export { errnoTable, type ErrnoName }

/** The name of a positive error number, `errno 133` where the kernel's headers have none. */
export function errnoName(value: number): ErrnoName | `errno ${number}` {
  for (const name in errnoTable) if (errnoTable[name as ErrnoName] === value) return name as ErrnoName
  return `errno ${value}`
}
