import { sys, type FdRef, type Program } from '@ctr/syscall'
import { attach } from './filesystem.ts'
import { setAttributes } from './mount-attributes.ts'
import { target, type Kind } from './target.ts'
import { relative, type Within } from './within.ts'

/** Settings of the kernel for the whole machine: the default list of Docker and of the OCI examples (moby oci/defaults.go). */
export const defaultReadOnlyPaths: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

export interface ReadOnlyPathsOptions {
  readonly root: FdRef
  readonly paths: readonly { readonly path: string; readonly kind: Kind }[]
  readonly within?: Within
}

/**
 * Files and directories cannot be written to, nor what is mounted below them. Each is found once: what is made read-only is what is
 * put there (GHSA-3q8j-pf29-vwv8).
 *
 * @throws ENOENT a path does not exist
 */
export function readOnlyPaths({ root, paths, within = {} }: ReadOnlyPathsOptions): Program {
  const clone = { fd: 'read-only' }
  const readOnly = setAttributes(clone, { set: ['MOUNT_ATTR_RDONLY'], recursive: true }, 'it must not be writable through a mount below it either')
  const note = { as: clone.fd, why: 'a path can be read-only only as a mount of its own' }
  const close = sys.close(clone, 'the mount keeps its place without a descriptor')
  return paths.flatMap(({ path, kind }): Program => {
    const why = `${path} changes the host`
    const kept = relative(path, within)
    return kept
      ? [sys.open_tree(kept.base, kept.rest, ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_RECURSIVE'], note), readOnly, sys.move_mount(clone, '', kept.base, kept.rest, ['MOVE_MOUNT_F_EMPTY_PATH'], why), close]
      : [
          ...target({ root, path, kind, as: 'target' }),
          sys.open_tree({ fd: 'target' }, '', ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH', 'AT_RECURSIVE'], note), readOnly,
          ...attach(clone, { fd: 'target' }, why), sys.close({ fd: 'target' }, 'descriptors of the root must not stay open'), close,
        ]
  })
}

/**
 * The root file system cannot be written to; what is mounted on it can. The last step before `pivotRoot`: mount points cannot be made
 * afterwards.
 *
 * @see mount_setattr(2)
 */
export function readOnlyRoot({ root }: { readonly root: FdRef }): Program {
  return [setAttributes(root, { set: ['MOUNT_ATTR_RDONLY'] }, 'the root was asked to be read-only, and all its mount points exist by now')]
}
