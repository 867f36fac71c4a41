import { sys, type FdRef, type Program } from '@ctr/syscall'

/**
 * The working directory is this one.
 *
 * By descriptor it is the directory that was opened, whatever has been renamed or mounted since; by path it is looked up here, in the mount
 * namespace and with the rights that the process has at this call.
 *
 * @throws ENOENT there is no such directory
 * @throws ENOTDIR it is a file
 * @throws EACCES the user may not search it
 * @see chdir(2)
 */
export function startIn(directory: string | number | FdRef, why = 'it is to start there'): Program {
  return [typeof directory === 'string' ? sys.chdir(directory, why) : sys.fchdir(directory, why)]
}
