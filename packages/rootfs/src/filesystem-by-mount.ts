import { sys, type Constant, type Program } from '@ctr/syscall'
import type { FilesystemOptions } from './filesystem.ts'
import { longerThan } from './longer-than.ts'
import { mountRefusal } from './refusal.ts'

/** The flags of mount(2) for the attributes of mount_setattr(2). */
const mountFlags: Partial<Readonly<Record<Constant<'mount_attr'>, Constant<'mount'>>>> = {
  MOUNT_ATTR_RDONLY: 'MS_RDONLY', MOUNT_ATTR_NOSUID: 'MS_NOSUID', MOUNT_ATTR_NODEV: 'MS_NODEV', MOUNT_ATTR_NOEXEC: 'MS_NOEXEC', MOUNT_ATTR_NOATIME: 'MS_NOATIME',
  MOUNT_ATTR_STRICTATIME: 'MS_STRICTATIME', MOUNT_ATTR_NODIRATIME: 'MS_NODIRATIME', MOUNT_ATTR_NOSYMFOLLOW: 'MS_NOSYMFOLLOW',
}

/**
 * Like `filesystem`, with options of any length: fsconfig(2) takes 255 bytes of each, mount(2) takes 4095 of all. For an overlay, whose
 * options are paths.
 *
 * It is mounted on `/` for a moment, where it hides nothing, because absolute paths start below it; `/..` is what is on top there.
 * In a mount namespace of its own, of which nothing propagates.
 *
 * @throws EINVAL, ENOENT as mount(2) says
 * @see mount(2)
 */
export function filesystemByMount({ type, source = type, data = [], attributes = [], as }: FilesystemOptions): Program {
  const options = data.map(quoted).join(',')
  // mount(2) copies one page, and the last byte of it is the end (copy_mount_options in fs/namespace.c)
  if (longerThan(4095, options)) throw mountRefusal('pass more than 4095 bytes of options to a file system', options)
  return [
    sys.mount(source, '/', type, attributes.flatMap((name) => mountFlags[name] ?? []), options === '' ? null : options, 'fsconfig takes too little of an option, and paths that begin at / still reach the host'),
    sys.open_tree('AT_FDCWD', '/..', ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'], { as, why: 'what is on top of the root directory is the new file system' }),
    sys.umount2('/..', ['MNT_DETACH'], 'it is to have no place until it is attached'),
  ]
}

/** A comma within a value would end it; SELinux contexts are quoted for that (mount(8)), an overlay's paths are escaped already. */
function quoted(option: string): string {
  return /^(fs|def|root)?context=[^"]*,/.test(option) ? option.replace('=', '="') + '"' : option
}
