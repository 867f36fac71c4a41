import { sys, type Constant, type FdRef, type Program } from '@ctr/syscall'
import { frozen } from './frozen.ts'
import { longerThan } from './longer-than.ts'
import { mountRefusal } from './refusal.ts'

export interface FilesystemOptions {
  /** As in /proc/filesystems: `tmpfs`. */
  readonly type: string
  /** A device, or what mountinfo shall show in its place. */
  readonly source?: string
  /** The file system's own options: `mode=755`, `nonumtail`. */
  readonly data?: readonly string[]
  readonly attributes?: readonly Constant<'mount_attr'>[]
  readonly as: string
}

/**
 * A new file system is mounted, in no place yet: `attach` gives it one.
 *
 * @throws EPERM the user namespace may not mount this type (fsconfig)
 * @throws ENODEV the kernel does not know the type (fsopen)
 * @throws EINVAL the type does not know an option (fsconfig)
 * @see Documentation/filesystems/mount_api.rst
 */
export function filesystem({ type, source, data = [], attributes = [], as }: FilesystemOptions): Program {
  const context = { fd: `${type} context` }
  return [
    sys.fsopen(type, ['FSOPEN_CLOEXEC'], { as: context.fd, why: `the container needs a ${type} that is not the host's` }),
    ...(source === undefined ? [] : [sys.fsconfig(context, 'FSCONFIG_SET_STRING', 'source', short(source), 'the file system is read from it, or shown with it in mountinfo')]),
    ...data.map((option) => {
      const equals = option.indexOf('=')
      return equals < 0
        ? sys.fsconfig(context, 'FSCONFIG_SET_FLAG', option, `the ${type} was asked to have it`)
        : sys.fsconfig(context, 'FSCONFIG_SET_STRING', option.slice(0, equals), short(option.slice(equals + 1)), `the ${type} was asked to have it`)
    }),
    sys.fsconfig(context, 'FSCONFIG_CMD_CREATE', 'options take effect when the superblock is made'),
    sys.fsmount(context, ['FSMOUNT_CLOEXEC'], attributes, { as, why: 'its flags must hold from the first moment on' }),
    sys.close(context, 'the context is of no more use'),
  ]
}

/** fsconfig(2) takes 255 bytes of a value (fs/fsopen.c: strndup_user(_value, 256)). */
function short(value: string): string {
  if (longerThan(255, value)) throw mountRefusal('give the file system an option of more than 255 bytes', value)
  return value
}

/**
 * A mount that is in no place yet is on an open directory or file, by descriptors alone: no path is looked up.
 *
 * @throws ENOENT the mount point was removed meanwhile
 * @throws EINVAL one is a directory and the other a file (not ENOTDIR, as mount(2) says)
 */
export function attach(from: FdRef, to: FdRef, why = 'mounting by descriptors resolves no path a second time'): Program {
  return [sys.move_mount(from, '', to, '', byDescriptors, why)]
}

const byDescriptors = frozen(['MOVE_MOUNT_F_EMPTY_PATH', 'MOVE_MOUNT_T_EMPTY_PATH'] as const)
