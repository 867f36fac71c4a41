import { sys, type FdRef, type Program } from '@ctr/syscall'

export interface PlaceOptions {
  readonly root: FdRef
  /** The name of a directory directly in the root: `proc`. */
  readonly name: string
  readonly as: string
}

/**
 * A directory directly in the root is open, made if it was missing, and is no symbolic link: for the mounts that the kernel's own
 * interfaces are reached through.
 *
 * @throws ELOOP it is a symbolic link (CVE-2019-19921, CVE-2023-27561)
 * @throws ENOTDIR it is a file
 */
export function place({ root, name, as }: PlaceOptions): Program {
  return [
    // mkdirat does not follow a link at the end of a path, and says EEXIST before EROFS
    sys.mkdirat(root, name, 0o755, { allow: ['EEXIST'], why: 'an image need not have the directory' }),
    sys.openat2(root, name, { flags: ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'], resolve: ['RESOLVE_BENEATH', 'RESOLVE_NO_SYMLINKS'] },
      { as, retry: ['EAGAIN'], why: 'a link here would let the image choose where the kernel\'s files appear' }),
  ]
}
