import { accessSync, constants, statSync } from 'node:fs'
import { posix } from 'node:path'
import { searchPath } from '../../program/execute.ts'
import { OciError } from '../oci-error.ts'

/**
 * The file of CRIU.
 *
 * @param asked `--criu`: a path, or a name that is looked for in PATH
 * @throws OciError it is not there
 */
export function findCriu(asked = 'criu', path = process.env['PATH']): string {
  const candidates = asked.includes('/') ? [posix.resolve(asked)] : searchPath(path).map((directory) => posix.resolve(directory, asked))
  const found = candidates.find(executable)
  if (found === undefined) throw new OciError(`CRIU is not here: ${JSON.stringify(asked)} is no file that may be executed${asked.includes('/') ? '' : ' in $PATH'}; install criu, or name its file by --criu in front of the command`)
  return found
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
