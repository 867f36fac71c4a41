/** The same, with all that is in it, which cannot change any more: @ctr/syscall checks and encodes it once, in however many calls it is. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(Object.freeze(value))) frozen(part)
  return value
}
