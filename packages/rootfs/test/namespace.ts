import { closeSync, openSync } from 'node:fs'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { protect } from './protect.ts'

/**
 * Runs `body` with this thread in a mount namespace of its own, and brings the thread back. `body` must be synchronous: the other
 * threads of Node stay on the host, which is read-only for this one.
 */
export function inMountNamespace<T>(body: () => T): T {
  const host = openSync('/proc/thread-self/ns/mnt', 'r')
  const cwd = process.cwd()
  perform([sys.unshare(['CLONE_FS', 'CLONE_NEWNS'], 'the host must keep its mounts')])
  try {
    perform(protect())
    return body()
  } finally {
    perform([sys.setns(host, ['CLONE_NEWNS'], 'the test goes on outside')])
    closeSync(host)
    process.chdir(cwd)
  }
}
