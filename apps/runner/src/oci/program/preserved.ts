import { control } from '@ctr/launch'
import { sys, type Program } from '@ctr/syscall'

export const preservedName = (i: number): string => `preserved ${i}`

/**
 * The descriptors that the command is to have from 3 on are there, and stay open over execve: last, for the first of them takes the place
 * of the control socket, which has to be moved before.
 *
 * @param count of descriptors, passed in front of all others
 */
export function movePreserved(count: number): Program {
  if (count === 0) return []
  return [
    sys.fcntl(control, 'F_DUPFD_CLOEXEC', 64 + count, { as: control.fd, why: 'the numbers from 3 on are the command\'s' }),
    ...Array.from({ length: count }, (_, i) => sys.dup3({ fd: preservedName(i) }, 3 + i, [], 'the command was promised this number')),
  ]
}
