import { sys, type FdRef, type Program } from '@ctr/syscall'
import { setAttributes } from './mount-attributes.ts'
import type { MountOptions } from './mount-options.ts'
import { target } from './target.ts'

/**
 * A mount of the root has other attributes, and its file system other options: those that are named. Unlike `mount -o remount` it
 * keeps what is not.
 *
 * @param options.path of a mount point; `/` for the root
 * @throws EINVAL what is at the path is not a mount (mount_setattr), or the file system does not know an option (fsconfig)
 * @throws EPERM in a user namespace, a mount of the host keeps its flags
 * @see mount_setattr(2)
 * @see fspick in Documentation/filesystems/mount_api.rst
 */
export function remount({ root, path, attributes, data }: { readonly root: FdRef; readonly path: string } & Pick<MountOptions, 'attributes' | 'data'>): Program {
  const whole = path.split('/').every((part) => part === '' || part === '.')
  const mount = whole ? root : { fd: 'target' }
  const context = { fd: 'context' }
  return [
    // Of kind file: whatever is mounted there
    ...(whole ? [] : target({ root, path, kind: 'file', as: mount.fd })),
    ...attributes.map((one) => setAttributes(mount, one, 'the mount was asked to change')),
    ...(data.length === 0 ? [] : [
      sys.fspick(mount, '', ['FSPICK_CLOEXEC', 'FSPICK_EMPTY_PATH'], { as: context.fd, why: 'options of the file system hold for all its mounts' }),
      ...data.map((option) => (option.includes('=')
        ? sys.fsconfig(context, 'FSCONFIG_SET_STRING', option.slice(0, option.indexOf('=')), option.slice(option.indexOf('=') + 1), 'the file system was asked to change')
        : sys.fsconfig(context, 'FSCONFIG_SET_FLAG', option, 'the file system was asked to change'))),
      sys.fsconfig(context, 'FSCONFIG_CMD_RECONFIGURE', 'options take effect together'),
      sys.close(context, 'the context is of no more use'),
    ]),
    ...(whole ? [] : [sys.close(mount, 'descriptors of the root must not stay open')]),
  ]
}
