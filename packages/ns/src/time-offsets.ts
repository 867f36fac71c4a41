import { sys, type Program } from '@ctr/syscall'
import { timeOffsetsText, type TimeOffsets } from './timens_offsets.ts'

/**
 * The clocks of a new time namespace are ahead of the host's by so much.
 *
 * A time namespace is new until a process is in it: after `unshare(['time'])` its maker is not, but the next child is. So these calls
 * come between the two, from the maker itself (`'self'`), or from another process.
 *
 * @param pid the process whose children will be in it
 * @returns calls that need CAP_SYS_TIME in the owner of the time namespace
 * @throws RangeError an offset that the kernel would not take whatever its clock shows
 * @throws SyscallError EACCES: a process is in it already; ERANGE: its clock would be negative; EPERM: the writer has no right over it
 * @see time_namespaces(7)
 */
export function timeOffsets(pid: number | 'self', offsets: TimeOffsets, root = '/proc'): Program {
  if (pid !== 'self' && (!Number.isInteger(pid) || pid < 1)) throw new RangeError(`Cannot set time offsets of process ${pid}`)
  const text = timeOffsetsText(offsets)
  if (text === '') return []
  const why = 'clocks can be moved while nobody has read them'
  return [
    sys.openat('AT_FDCWD', `${root}/${pid}/timens_offsets`, ['O_WRONLY', 'O_CLOEXEC'], 0, { as: 'offsets', why: 'no system call moves the clocks of a namespace' }),
    sys.write({ fd: 'offsets' }, text, { why, returns: text.length }),
    sys.close({ fd: 'offsets' }, 'the file is needed once'),
  ]
}
