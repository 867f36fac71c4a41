import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/** A null device for one test, for masks that somebody tries to change: not the machine's own. */
export function scratchNull(top: string): { readonly path: string; readonly nullSource: Program } {
  const path = join(top, 'null')
  perform([sys.mknodat('AT_FDCWD', path, { type: 'S_IFCHR', mode: 0o666, major: 1, minor: 3 }, 'a device for the test')])
  chmodSync(path, 0o666)
  return { path, nullSource: [sys.openat('AT_FDCWD', path, ['O_NOFOLLOW', 'O_CLOEXEC', 'O_PATH'], 0, { as: 'null', why: 'the device of the test' })] }
}
