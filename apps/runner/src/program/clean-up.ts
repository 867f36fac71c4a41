import { cloneInto, removalCalls, type Group } from '@ctr/cgroup'
import { sys, type Program } from '@ctr/syscall'
import type { ContainerConfig } from '../config.ts'
import { files } from '../state-files.ts'

/**
 * What the process on the other side of clone3 does if we die: it removes what we would have removed. The kernel may need a moment to
 * empty the cgroup.
 *
 * @param directory of the container's state
 */
export function cleanUp(group: Group, config: ContainerConfig, directory: string): Program {
  const pause = sys.ppoll([], { tv_sec: 0, tv_nsec: 20_000_000 }, 'the last exit may still be under way')
  const once = removalCalls(group)
  const removal = [...once, pause, ...once, pause, ...once]
  if (config.pid !== 'host') return [...removal, ...releaseCalls(directory)]
  const unified = cloneInto(group)
  // Its processes outlive its PID 1. Where no call kills them all, the state stays, and with it what `sweep` has to know.
  return unified === undefined ? [] : [...killCalls(unified), pause, ...removal, ...releaseCalls(directory)]
}

/** @since Linux 5.14 */
function killCalls(directory: string): Program {
  return [
    sys.openat('AT_FDCWD', `${directory}/cgroup.kill`, ['O_WRONLY', 'O_CLOEXEC'], 0, { as: 'kill', why: 'without a PID namespace of its own, the processes outlive the first' }),
    sys.write({ fd: 'kill' }, '1', 'no fork escapes the kill of a group'),
  ]
}

function releaseCalls(directory: string): Program {
  const why = 'what nobody looks after must not keep its name'
  const gone = { why, allow: ['ENOENT' as const] }
  return [
    ...[files.signal, files.newState, files.state].map((file) => sys.unlinkat('AT_FDCWD', `${directory}/${file}`, [], gone)),
    sys.unlinkat('AT_FDCWD', `${directory}/${files.root}`, ['AT_REMOVEDIR'], gone),
    sys.unlinkat('AT_FDCWD', directory, ['AT_REMOVEDIR'], { why, allow: ['ENOENT', 'ENOTEMPTY'] }),
  ]
}
