import { sys, type FdRef, type Program, type Syscall } from '@ctr/syscall'
import { frozen } from './frozen.ts'

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
  /** What is behind it is made in the same directory: that stays open as `parent`. Default false. */
  readonly keepParent?: boolean
  /** What was before it has left that open, see `isBeside`. Default false. */
  readonly hasParent?: boolean
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
export function target({ root, path, kind, create = false, symlinks = true, keepParent = false, hasParent = false, as }: TargetOptions): Program {
  const parts = components(path)
  const open = (count: number, directory: boolean, name: string, why: string) => sys.openat2(root, parts.slice(0, count).join('/'), how[symlinks ? 'anyLink' : 'noLink'][directory ? 'directory' : 'file'], { as: name, retry: ['EAGAIN'], why })
  const last = open(parts.length, kind === 'directory', as, 'symbolic links in the image must not lead out of its root')
  if (!create) return [last]
  const program: Syscall[] = []
  const end = parts.length - 1
  for (let i = hasParent ? end : 0; i <= end; i++) {
    const within = i === 0 ? root : parent
    const file = kind === 'file' && i === end
    if (i > 0 && !hasParent) program.push(open(i, true, parent.fd, 'the parent may have been swapped for a link, which must not lead out of the root'))
    program.push(file ? sys.mknodat(within, parts[i]!, node, mayBe.file) : sys.mkdirat(within, parts[i]!, 0o755, mayBe.directory))
    if (i > 0 && !(keepParent && i === end)) program.push(closeParent)
  }
  program.push(last)
  return program
}

/**
 * Whether two paths, as they are written, are of one directory below the root that is found once for both. What is mounted on the first does not
 * cover it, unless that is a link to above it: then there is nothing at the second, and what opens it says so.
 */
export function isBeside(path: string, other: string): boolean {
  const folder = path.slice(0, path.lastIndexOf('/'))
  return /[^/]/.test(folder) && other.startsWith(folder) && other.lastIndexOf('/') === folder.length && !/\/\.{0,2}(\/|$)/.test(path + other.slice(folder.length))
}

const parent = { fd: 'parent' }
const closeParent = frozen(sys.close(parent, 'descriptors of the root must not stay open'))
const node = frozen({ type: 'S_IFREG', mode: 0o644 } as const)
const mayBe = frozen({ file: { allow: ['EEXIST'], why: 'a file can only be mounted on a file' }, directory: { allow: ['EEXIST'], why: 'a directory can only be mounted on a directory' } } as const)
const [kinds, resolve] = [{ directory: ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'], file: ['O_CLOEXEC', 'O_PATH'] }, ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS']] as const
const how = frozen({
  anyLink: { directory: { flags: kinds.directory, resolve }, file: { flags: kinds.file, resolve } },
  noLink: { directory: { flags: kinds.directory, resolve: [...resolve, 'RESOLVE_NO_SYMLINKS'] }, file: { flags: kinds.file, resolve: [...resolve, 'RESOLVE_NO_SYMLINKS'] } },
} as const)

/** The parts of a path that name something. `..` is left to the kernel, which knows what it means behind a link. */
function components(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0) throw new TypeError(`Cannot mount on ${JSON.stringify(path)}: it is the root itself`)
  return parts
}
