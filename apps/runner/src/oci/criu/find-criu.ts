import { findProgram } from '../../find-program.ts'
import { OciError } from '../oci-error.ts'

/**
 * The file of CRIU.
 *
 * @param asked `--criu`: a path, or a name that is looked for in PATH
 * @throws OciError it is not there
 */
export function findCriu(asked = 'criu', path = process.env['PATH']): string {
  const found = findProgram(asked, path)
  if (found === undefined) throw new OciError(`CRIU is not here: ${JSON.stringify(asked)} is no file that may be executed${asked.includes('/') ? '' : ' in $PATH'}; install criu, or name its file by --criu in front of the command`)
  return found
}
