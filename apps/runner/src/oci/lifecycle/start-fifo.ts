import { constants, openSync } from 'node:fs'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/**
 * The process reads from it until somebody writes. Open for both, it never ends by itself: whoever made it may go.
 *
 * @see fifo(7), Linux: opening for read and write succeeds
 */
export function startFifo(path: string): number {
  perform([sys.mknodat('AT_FDCWD', path, { type: 'S_IFIFO', mode: 0o600 }, 'start, another process, must find the one that waits')])
  return openSync(path, constants.O_RDWR)
}
