import { sys, type Program } from '@ctr/syscall'

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The environment of a command: nothing of ours, only what was asked for and what every program expects. */
export function environment(env: Readonly<Record<string, string>>, facts: { readonly home: string; readonly hostname?: string | undefined; readonly tty: boolean }): Record<string, string> {
  return { PATH: defaultPath, ...(facts.hostname === undefined ? {} : { HOSTNAME: facts.hostname }), ...(facts.tty ? { TERM: 'xterm' } : {}), HOME: facts.home, ...env }
}

/** The execve calls of a command with its environment as an object. */
export function execute(args: readonly string[], env: Readonly<Record<string, string>>): Program {
  return executions(args, Object.entries(env).map(([name, value]) => `${name}=${value}`), env['PATH'])
}

/** The directories that a command without a slash is looked for in; the working directory where one is empty (execvp(3)). */
export const searchPath = (path = defaultPath): string[] => path.split(':').map((directory) => (directory === '' ? '.' : directory.replace(/(.)\/+$/, '$1')))

/**
 * The execve calls of a command: one for a path, one for each directory of PATH for a name. Which of them exists is found out inside,
 * by the kernel: nobody reads the image's directories for it.
 *
 * @see execvp(3): as there, a directory that may not be searched and a file that may not be executed do not end the search
 */
export function executions(args: readonly string[], variables: readonly string[], path?: string): Program {
  const [command = ''] = args
  if (command.includes('/')) return [sys.execve(command, args, variables, 'the container is ready for its command')]
  const candidates = searchPath(path).map((directory) => `${directory === '/' ? '' : directory}/${command}`)
  return candidates.map((candidate, i) => sys.execve(candidate, args, variables, i === candidates.length - 1
    ? 'the container is ready for its command'
    : { why: 'the command may be in any directory of PATH', allow: ['ENOENT', 'ENOTDIR', 'EACCES'] }))
}
