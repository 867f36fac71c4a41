import { sys, type Program } from '@ctr/syscall'

/**
 * Files that the process makes lack these permissions, whatever it asks for.
 *
 * @param mask permission bits, 0 to 0o777
 * @see umask(2)
 */
export function umask(mask: number, why = 'what it makes must not have more permissions than these leave'): Program {
  if (!Number.isInteger(mask) || mask < 0 || mask > 0o777) throw new RangeError(`Cannot mask permissions with ${mask}: they are 0 to 0o777`)
  return [sys.umask(mask, why)]
}
