import { filesystem } from '@ctr/rootfs'
import { sys, type Program } from '@ctr/syscall'
import { sysctlPath } from '../config/check-sysctl.ts'

const proc = { fd: 'private proc' }

/** The host's /proc is open for `sysctls`, where no other can be mounted: while only the host is in view. */
export const openHostProc = (): Program => [sys.openat('AT_FDCWD', '/proc', ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: proc.fd, why: 'without a PID namespace of one\'s own no other can be mounted, and the image must not choose which' })]

/**
 * Kernel parameters of the container's own namespaces have their values.
 *
 * Through a procfs that is mounted nowhere: whatever the image, or another container that shares a volume with it, has put on /proc, a
 * parameter cannot be taken for another (CVE-2025-52881). One write a parameter: no value can name a second one (CVE-2022-0811).
 *
 * @param opened the host's is open already: `openHostProc`
 */
export function sysctls(values: ReadonlyMap<string, string>, { opened }: { readonly opened: boolean }): Program {
  if (values.size === 0) return []
  const file = { fd: 'parameter' }
  return [
    ...(opened ? [] : filesystem({ type: 'proc', source: 'proc', attributes: ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV', 'MOUNT_ATTR_NOEXEC'], as: proc.fd })),
    ...[...values].flatMap(([key, value]) => [
      sys.openat2(proc, `sys/${sysctlPath(key)}`, { flags: ['O_WRONLY', 'O_CLOEXEC'], resolve: ['RESOLVE_BENEATH', 'RESOLVE_NO_XDEV', 'RESOLVE_NO_MAGICLINKS', 'RESOLVE_NO_SYMLINKS'] },
        { as: file.fd, retry: ['EAGAIN'], why: 'the parameter must be the kernel\'s, and no link may lead to another' }),
      sys.write(file, value, `${key} was asked to have it`),
      sys.close(file, 'one write is one value'),
    ]),
    sys.close(proc, 'nobody else is to see it'),
  ]
}
