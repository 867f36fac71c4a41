import { sys, type FdRef, type Program } from '@ctr/syscall'

/** Whether something is mounted on a directory or on a file: a mount point is never the other kind (mount(2), ENOTDIR). */
export type Kind = 'directory' | 'file'

export interface TargetOptions {
  /** The root directory that no path leaves; `'AT_FDCWD'` for the working directory. */
  readonly root: FdRef | 'AT_FDCWD'
  /** A path as a process inside will see it. It may be hostile, and so may every symbolic link on its way. */
  readonly path: string
  readonly kind: Kind
  /** Make what is missing: directories with mode 0755, a file with 0644. Default false. */
  readonly create?: boolean
  /** False where a symbolic link on the way is refused: for what the kernel's own interfaces are reached through. Default true. */
  readonly symlinks?: boolean
  readonly as: string
}

/**
 * A path inside a root directory is open, whatever its symbolic links say: they are followed as if the root were `/`.
 *
 * With `create`, each directory is made in the descriptor of the one before, which was itself found inside the root: a link that
 * somebody swaps in between leads to another place inside the root, never outside.
 *
 * @throws ENOENT a component is missing, or is a dangling link
 * @throws ELOOP symbolic links in a circle, or one of /proc's magic links, or any where none is wanted
 * @throws ENOTDIR a component, or the target of kind `directory`, is not a directory
 * @see openat2(2), RESOLVE_IN_ROOT
 */
export function target({ root, path, kind, create = false, symlinks = true, as }: TargetOptions): Program {
  const parts = components(path)
  const resolve = ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS', ...(symlinks ? [] : ['RESOLVE_NO_SYMLINKS'] as const)] as const
  const open = (count: number, directory: boolean, name: string, why: string) => sys.openat2(root, parts.slice(0, count).join('/'), {
    flags: directory ? ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'] : ['O_CLOEXEC', 'O_PATH'], resolve,
  }, { as: name, retry: ['EAGAIN'], why })
  const last = open(parts.length, kind === 'directory', as, 'symbolic links in the image must not lead out of its root')
  if (!create) return [last]
  return [
    ...parts.flatMap((part, i): Program => {
      const parent = i === 0 ? root : { fd: 'parent' }
      const file = kind === 'file' && i === parts.length - 1
      const made = { allow: ['EEXIST'], why: file ? 'a file can only be mounted on a file' : 'a directory can only be mounted on a directory' } as const
      return [
        ...(i === 0 ? [] : [open(i, true, 'parent', 'the parent may have been swapped for a link, which must not lead out of the root')]),
        file ? sys.mknodat(parent, part, { type: 'S_IFREG', mode: 0o644 }, made) : sys.mkdirat(parent, part, 0o755, made),
        ...(i === 0 ? [] : [sys.close({ fd: 'parent' }, 'descriptors of the root must not stay open')]),
      ]
    }),
    last,
  ]
}

/** The parts of a path that name something. `..` is left to the kernel, which knows what it means behind a link. */
function components(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0) throw new TypeError(`Cannot mount on ${JSON.stringify(path)}: it is the root itself`)
  return parts
}
