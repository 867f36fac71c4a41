import { readlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { searchPath } from '../../program/execute.ts'
import { environmentOf } from '../environment.ts'
import type { OciProcess } from '../config/process-shape.ts'
import { OciError } from '../oci-error.ts'
import { statInRoot } from '../stat-in-root.ts'

/**
 * That the command can be executed is known before the container counts as created: engines take their exit statuses 126 and 127 from
 * what is said here, in these words. execve has the last word all the same.
 *
 * @param root the container's root directory, from outside: `/proc/PID/root`
 * @throws OciError it is not there, or may not be executed
 */
export function findExecutable(root: string, { args, cwd, env, user = {} }: OciProcess): void {
  const [command = ''] = args
  const groups = [user.gid ?? 0, ...(user.additionalGids ?? [])]
  const look = (path: string): 'missing' | 'directory' | 'refused' | 'found' => {
    const stat = statInRoot(root, posix.resolve(cwd, path))
    if (!stat) return 'missing'
    if (stat.isDirectory()) return 'directory'
    const { mode } = stat
    // User 0 may execute what anybody may; an access control list can only be asked by execve.
    const bits = (user.uid ?? 0) === 0 ? 0o111 : stat.uid === user.uid ? 0o100 : groups.includes(stat.gid) ? 0o010 : 0o001
    return (mode & bits) !== 0 ? 'found' : 'refused'
  }
  const refuse = (problem: string): never => { throw new OciError(`exec: ${JSON.stringify(command)}: ${problem}`) }
  if (command.includes('/')) {
    const found = look(command)
    if (found === 'missing') refuse(`stat ${command}: no such file or directory`)
    if (found === 'directory') refuse('is a directory: permission denied')
    if (found === 'refused') refuse('permission denied')
    return
  }
  const all = searchPath(environmentOf({ env: env ?? [] }).path).map((directory) => look(posix.join(directory, command)))
  if (all.includes('found')) return
  refuse(all.includes('refused') ? 'permission denied' : 'executable file not found in $PATH')
}

/**
 * That the working directory is there is said in front of the command, in runc's words. Only of what joins a container: for its first process
 * it is made.
 *
 * @throws OciError
 */
export function findWorkingDirectory(root: string, { cwd }: OciProcess): void {
  const stat = statInRoot(root, cwd)
  if (stat?.isDirectory()) return
  throw new OciError(`chdir to cwd (${JSON.stringify(cwd)}) set in config.json failed: ${stat ? 'not a directory' : 'no such file or directory'}`)
}

/** A process that is ending gives its root directory up before it is a zombie (do_exit in kernel/exit.c): nothing can be found in it any more. */
export function hasRoot(pid: number): boolean {
  try {
    readlinkSync(`/proc/${pid}/root`)
    return true
  } catch {
    return false
  }
}
