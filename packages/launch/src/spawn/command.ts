import { sys, type Program } from '@ctr/syscall'
import type { SpawnOptions } from './options.ts'

/** What is executed. */
export interface Command {
  readonly file: string
  /** With what it finds as its own name in front. */
  readonly args: readonly string[]
  /** `NAME=value` */
  readonly env: readonly string[]
  /** PATH of its environment. */
  readonly path: string | undefined
}

/**
 * @throws {TypeError} the file is empty, or something that should be a string is none
 */
export function command(file: string, args: readonly string[], { argv0, shell = false, env = process.env }: Pick<SpawnOptions, 'argv0' | 'shell' | 'env'>): Command {
  for (const [name, value] of [['file', file], ...args.map((arg, i) => [`args[${i}]`, arg] as const), ['argv0', argv0 ?? '']] as const) {
    if (typeof value !== 'string') throw new TypeError(`Cannot spawn with ${name} ${JSON.stringify(value)}: it is no string`)
  }
  if (file === '') throw new TypeError('Cannot spawn "": it is no file')
  const variables: string[] = []
  // As Node does it, inherited properties too.
  for (const name in env) if (env[name] !== undefined) variables.push(`${name}=${env[name]}`)
  const inShell = shell !== false
  const executed = inShell ? (shell === true ? '/bin/sh' : shell) : file
  return { file: executed, args: [argv0 ?? executed, ...(inShell ? ['-c', [file, ...args].join(' ')] : args)], env: variables, path: env['PATH'] }
}

/** Where execvp(3) looks without a PATH: _CS_PATH of the C library. */
const defaultPath = '/bin:/usr/bin'

/** One execve for a path; for a name one for each directory of PATH, of which the first that the kernel takes is the last that is made. */
export function execute({ file, args, env, path = defaultPath }: Command): Program {
  if (file.includes('/')) return [sys.execve(file, args, env, 'it is what was asked for')]
  const directories = path.split(':')
  return directories.map((directory, i) => sys.execve(directory === '' ? file : `${directory}/${file}`, args, env, i === directories.length - 1
    ? 'it is what was asked for'
    : { why: 'it may be in any directory of PATH', allow: ['ENOENT', 'ENOTDIR', 'EACCES', 'ENODEV', 'ETIMEDOUT', 'ESTALE'] }))
}
