import { ftruncateSync, writeSync } from 'node:fs'
import { sys, SyscallError, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { statusBytesOf } from './layout.ts'
import type { Owned } from './descriptor.ts'

const make = (flags: ('MFD_CLOEXEC' | 'MFD_ALLOW_SEALING' | 'MFD_EXEC' | 'MFD_NOEXEC_SEAL')[], why: string): Program => [sys.memfd_create('ctr', flags, { as: 'memfd', why })]

const withFlagExec = make(['MFD_CLOEXEC', 'MFD_ALLOW_SEALING', 'MFD_EXEC'], 'the image is never a file that somebody could replace')
const withoutFlagExec = () => make(['MFD_CLOEXEC', 'MFD_ALLOW_SEALING'], 'the image is never a file that somebody could replace')
const statusMemory = make(['MFD_CLOEXEC'], 'progress is shared through memory')
const seal: Program = [sys.fcntl({ fd: 'memfd' }, 'F_ADD_SEALS', ['F_SEAL_SEAL', 'F_SEAL_SHRINK', 'F_SEAL_GROW', 'F_SEAL_WRITE'], 'a container must not overwrite it through /proc/PID/exe')]

function create(program: Program): number {
  return perform(program).fds['memfd']!
}

/** Whether this kernel knows MFD_EXEC (Linux 6.3): before, memfds were always executable and the flag is EINVAL. */
let knowsExec = true

/**
 * An executable memfd that holds the image and can never be changed again, not even through /proc/PID/exe.
 *
 * @throws SyscallError EACCES: vm.memfd_noexec is 2
 */
export function executable(image: Uint8Array, owned: Owned): number {
  const fd = owned.add(knowsExec ? withExec() : create(withoutFlagExec()))
  fill(fd, image)
  perform(seal, { memfd: fd })
  return fd
}

function withExec(): number {
  try {
    return create(withFlagExec)
  } catch (error) {
    if (!(error instanceof SyscallError) || error.code !== 'EINVAL') throw error
    knowsExec = false
    return create(withoutFlagExec())
  }
}

/** A sealed memfd with the program alone, for the packaged interpreter: nothing in it is executed. */
export function programData(bytes: Uint8Array, owned: Owned): number {
  const fd = owned.add(create(make(['MFD_CLOEXEC', 'MFD_ALLOW_SEALING'], 'the packaged interpreter maps its program from a descriptor')))
  fill(fd, bytes)
  perform([sys.fcntl({ fd: 'memfd' }, 'F_ADD_SEALS', ['F_SEAL_SEAL', 'F_SEAL_SHRINK', 'F_SEAL_GROW', 'F_SEAL_WRITE'], 'the program must stay as it was checked')], { memfd: fd })
  return fd
}

/** The memory that the process reports its progress in. @param calls of its program */
export function statusPage(calls: number, owned: Owned): number {
  const fd = owned.add(create(statusMemory))
  ftruncateSync(fd, statusBytesOf(calls))
  return fd
}

function fill(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, done)
}
