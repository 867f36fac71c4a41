import { sys, type Program } from '@ctr/syscall'
import { encodeFileCapabilities, type FileCapabilities } from './file-capabilities.ts'

/** The attribute that file capabilities are kept in. */
export const attribute = 'security.capability'

/** Revision 3, the longest. */
const longest = 24

const opened = (path: string) => sys.openat('AT_FDCWD', path, ['O_RDONLY', 'O_NOFOLLOW', 'O_NONBLOCK', 'O_CLOEXEC'], 0, { as: 'file', why: 'the file must be looked up once, and a link at its place must not lead elsewhere' })
const closed = sys.close({ fd: 'file' }, 'a descriptor must not outlive its use')

/**
 * The file has these capabilities and no others.
 *
 * chown and writing to the file take them away again.
 *
 * @returns calls for a thread that has CAP_SETFCAP in the user namespace that the capabilities are for
 * @throws EPERM (SyscallError) it does not have it
 * @throws ELOOP the path is a symbolic link
 * @throws ENOENT there is no such file
 * @throws EROFS, EOPNOTSUPP the file system is read-only, or keeps no such attributes
 * @see capabilities(7), xattr(7)
 * @example
 * explain(setFileCapabilities('/usr/local/bin/server', { permitted: ['CAP_NET_BIND_SERVICE'], inheritable: [], effective: true }))
 */
export function setFileCapabilities(path: string, capabilities: FileCapabilities): Program {
  const hex = [...encodeFileCapabilities(capabilities)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return [opened(path), sys.fsetxattr({ fd: 'file' }, attribute, { hex }, [], 'execve gives what stands in this attribute'), closed]
}

/**
 * The file has no capabilities; that it had none is no error.
 *
 * @throws EPERM (SyscallError) the thread has no CAP_SETFCAP; before Linux 6.10 not where the BPF LSM is active, and it needs none there
 */
export function removeFileCapabilities(path: string): Program {
  return [opened(path), sys.fremovexattr({ fd: 'file' }, attribute, { why: 'execve must give nothing', allow: ['ENODATA'] }), closed]
}

/** The calls that read the attribute: the second one's output is for `decodeFileCapabilities`, and none is there where it fails with ENODATA. */
export function getFileCapabilities(path: string): Program {
  return [opened(path), sys.fgetxattr({ fd: 'file' }, attribute, { out: longest }, { why: 'what execve gives stands in this attribute', allow: ['ENODATA'] }), closed]
}
