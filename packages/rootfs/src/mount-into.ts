import { sys, type FdRef, type Program } from '@ctr/syscall'
import { attachSource, openSource, type AttachSourceOptions } from './bind.ts'
import { filesystem, type FilesystemOptions } from './filesystem.ts'
import { splitPath } from './split-path.ts'
import { target } from './target.ts'

/** What is mounted: a file or directory of the host, or a new file system. */
export type MountIntoSource = { readonly source: string; readonly recursive?: boolean } | { readonly filesystem: Omit<FilesystemOptions, 'as'> }

export type MountIntoOptions = MountIntoSource & Omit<AttachSourceOptions, 'from' | 'root'> & {
  /** A pidfd of one of the container's processes, or its mount namespace. It stays open. */
  readonly container: FdRef
}

const root = { fd: 'container root' }

/**
 * A file or directory of the host, or a new file system, is mounted in a container that runs already. The process that does it is in
 * the container's mount namespace afterwards, so it should end then; its working directory is in the container.
 *
 * The source is taken before, in the host's view; the mount point is found inside of the container's root, by descriptor.
 *
 * @throws ENOENT the source or the mount point does not exist
 * @throws ESRCH the container has ended
 * @throws EINVAL the source is not of the `kind`
 * @see setns(2)
 */
export function mountInto(options: MountIntoOptions): Program {
  const { container, path, kind, create, readOnly, attributes } = options
  return [
    ...('filesystem' in options ? filesystem({ ...options.filesystem, as: 'source' }) : openSource({ source: options.source, recursive: options.recursive ?? false, as: 'source' })),
    ...enter(container),
    ...attachSource({ path, kind, from: { fd: 'source' }, root, ...(create === undefined ? {} : { create }), ...(readOnly === undefined ? {} : { readOnly }), ...(attributes === undefined ? {} : { attributes }) }),
    sys.close(root, 'descriptors of the root must not stay open'),
  ]
}

/**
 * What is mounted at a path of a container that runs is not there any more, nor what is mounted below it; who has it open keeps it.
 * The process is in the container's mount namespace afterwards.
 *
 * @throws ENOENT the path does not exist
 * @throws EINVAL nothing is mounted there
 * @throws ESRCH the container has ended
 * @see umount(2)
 */
export function unmountFrom({ container, path }: { readonly container: FdRef; readonly path: string }): Program {
  const { folder, name } = splitPath(path, 'unmount')
  const parent = folder === '' ? root : { fd: 'parent' }
  return [
    ...enter(container),
    ...(folder === '' ? [] : target({ root, path: folder, kind: 'directory', as: 'parent' })),
    sys.fchdir(parent, 'umount2 takes a path, and one component in this directory cannot lead elsewhere'),
    sys.umount2(name, ['MNT_DETACH', 'UMOUNT_NOFOLLOW'], 'processes of the container may use it still'),
    ...(folder === '' ? [] : [sys.close(parent, 'descriptors of the root must not stay open')]),
    sys.close(root, 'descriptors of the root must not stay open'),
  ]
}

function enter(container: FdRef): Program {
  return [
    sys.setns(container, ['CLONE_NEWNS'], 'mounts can be changed in the own mount namespace only'),
    sys.openat('AT_FDCWD', '/', ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'], 0, { as: root.fd, why: 'setns has made the container\'s root directory ours' }),
  ]
}
