import { sys, type Program } from '@ctr/syscall'
import { target } from './target.ts'

/**
 * The working directory is a directory of the container, whatever its symbolic links say (CVE-2024-21626). For after `pivotRoot`,
 * while the working directory is still `/`.
 *
 * @param options.create make what is missing, with mode 0755
 * @throws ELOOP the path leads through /proc/self/fd or another magic link
 * @throws ENOTDIR it is a file
 * @throws EACCES the user may not search it
 */
export function workingDirectory({ path, create = false }: { readonly path: string; readonly create?: boolean }): Program {
  if (!path.startsWith('/')) throw new TypeError(`Cannot make ${JSON.stringify(path)} the working directory: it is not absolute`)
  if (/^[/]*((\.|\.\.)\/+)*(\.|\.\.)?$/.test(path)) return []
  return [
    ...target({ root: 'AT_FDCWD', path, kind: 'directory', create, as: 'cwd' }),
    sys.fchdir({ fd: 'cwd' }, 'the directory that was found, not what its path leads to by now'),
    sys.close({ fd: 'cwd' }, 'descriptors of directories must not reach the container'),
  ]
}
