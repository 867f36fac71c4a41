import { accessSync, constants, statSync } from 'node:fs'
import { posix } from 'node:path'
import { searchPath } from './program/execute.ts'

/**
 * The file that a command of the host is: a path, or a name that is looked for in the directories of PATH. Undefined where it is none that may be executed.
 *
 * @see execvp(3)
 */
export function findProgram(name: string, path: string | undefined): string | undefined {
  const candidates = name.includes('/') ? [posix.resolve(name)] : searchPath(path).map((directory) => posix.resolve(directory, name))
  return candidates.find(executable)
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
