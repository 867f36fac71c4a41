import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { decodeFileCapabilities, type FoundFileCapabilities } from './file-capabilities.ts'
import { getFileCapabilities } from './file-calls.ts'
import { decodeSecurebits } from './securebits.ts'
import type { Securebit } from './set-credentials.ts'

/** The securebits of the calling thread: procfs shows nobody's. */
export function readSecurebits(): Securebit[] {
  return decodeSecurebits(perform([sys.prctl('PR_GET_SECUREBITS', 'no file shows them')]).results[0]!)
}

/**
 * The capabilities of a file; undefined where it has none.
 *
 * @throws ENOENT, ELOOP, EACCES (SyscallError) the file cannot be opened
 * @throws SyntaxError the attribute is not one
 * @throws EOVERFLOW they count in a user namespace that has no number here for its root
 */
export function readFileCapabilities(path: string): FoundFileCapabilities | undefined {
  const { results, outputs } = perform(getFileCapabilities(path))
  return results[1]! < 0 ? undefined : decodeFileCapabilities(outputs.get(1)!)
}
