import { closeSync, existsSync, openSync, readSync, writeFileSync } from 'node:fs'
import { events, type Group, type GroupEvent } from '@ctr/cgroup'
import { readable } from '@ctr/launch'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { OciError } from '../oci-error.ts'

/**
 * How many times the group has run out of memory since the last look, each time that it has, from now on and until it is gone; on version 2,
 * until nobody is in it.
 *
 * Version 2 counts processes that were killed for it. Version 1 tells that a limit was met for good, whether a process is killed or all wait.
 *
 * @param signal ends it, behind what has been told by then
 * @throws what the system refuses: a kernel with PREEMPT_RT has no such notices on version 1 (EOPNOTSUPP)
 */
export function oomNotices({ places, ...group }: Group, signal: AbortSignal): AsyncGenerator<number, void> {
  const memory = places.find(({ controllers }) => controllers.includes('memory'))
  if (!memory) throw new OciError('its group does not have the memory controller')
  return memory.version === 1 ? told(registered(memory.directory), memory.directory, signal) : counted(events({ ...group, places }), signal)
}

async function* counted(watched: AsyncIterableIterator<GroupEvent>, signal: AbortSignal): AsyncGenerator<number, void> {
  const stop = () => void watched.return!()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const event of watched) {
      if (event.kind === 'oom_kill') yield event.count
      if (event.kind === 'populated' && !event.populated) return
    }
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const control = 'cgroup.event_control'

/** More than any group can use. */
const never = 2n ** 63n - 4096n

interface Eventfds {
  readonly oom: number
  readonly removal: number
}

/**
 * One that the kernel adds to whenever memory has run out, and when the group is removed; and one for the removal alone: events end in the
 * opposite order in which they were asked for, so that the first has been told of everything when the second is (mem_cgroup_css_offline).
 *
 * @see Documentation/admin-guide/cgroup-v1/memory.rst, "Thresholds" and "OOM Control"
 */
function registered(directory: string): Eventfds {
  const { removal, oom } = perform([
    sys.eventfd2(0, ['EFD_CLOEXEC', 'EFD_NONBLOCK'], { as: 'removal', why: 'it tells when nothing more will be counted' }),
    sys.eventfd2(0, ['EFD_CLOEXEC', 'EFD_NONBLOCK'], { as: 'oom', why: 'it counts how many times memory has run out' }),
  ]).fds as { readonly removal: number; readonly oom: number }
  try {
    register(directory, removal, 'memory.usage_in_bytes', ` ${never}`)
    register(directory, oom, 'memory.oom_control')
    return { removal, oom }
  } catch (error) {
    close({ removal, oom })
    throw error
  }
}

function register(directory: string, eventfd: number, file: string, what = ''): void {
  const watched = openSync(`${directory}/${file}`, 'r')
  try {
    writeFileSync(`${directory}/${control}`, `${eventfd} ${watched}${what}`)
  } finally {
    closeSync(watched)
  }
}

const close = ({ removal, oom }: Eventfds) => [removal, oom].forEach((fd) => closeSync(fd))

async function* told(eventfds: Eventfds, directory: string, signal: AbortSignal): AsyncGenerator<number, void> {
  const { removal, oom } = eventfds
  const until = (fd: number) => readable(fd, { signal }).catch((error: unknown) => { if (!signal.aborted) throw error })
  try {
    for (;;) {
      await until(oom)
      const count = countOf(oom)
      // Its files are gone before anybody is told of the removal (kill_css in kernel/cgroup/cgroup.c).
      const there = existsSync(`${directory}/${control}`)
      if (there && count > 0) yield count
      if (!there) {
        await until(removal)
        const last = count + countOf(oom) - 1
        if (last > 0) yield last
      }
      if (!there || signal.aborted) return
    }
  } finally {
    close(eventfds)
  }
}

/** @see eventfd(2): reading it sets it back */
function countOf(eventfd: number): number {
  const bytes = new Uint8Array(8)
  try {
    readSync(eventfd, bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
  return Number(new DataView(bytes.buffer).getBigUint64(0, true))
}
