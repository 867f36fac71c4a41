import type { Program } from '@ctr/syscall'

/**
 * The same program, which cannot be changed any more. What cannot change is encoded once, however many programs it is in and however often
 * they are launched.
 */
export function fixed(program: Program): Program {
  freeze(program)
  return program
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  for (const part of Object.values(Object.freeze(value))) freeze(part)
}
