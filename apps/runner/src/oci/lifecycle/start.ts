import { closeSync, constants, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { ProcessVanishedError, statOf, type Identity } from '@ctr/procfs'
import { alive } from '../../store.ts'
import { OciError } from '../oci-error.ts'
import type { OciState } from '../state/oci-state.ts'
import type { OciStore } from '../state/oci-store.ts'
import { statusOf } from '../state/status.ts'
import { deadline } from './deadline.ts'
import { runHooksOf } from './hooks-of.ts'
import { poststart } from './poststart.ts'

/** How long the last calls in front of the command may take on a machine that is busy. */
const patienceMillis = 10_000

/**
 * The command of a created container runs.
 *
 * @param warn what went wrong and does not count, where a poststart hook has failed and the container is removed
 * @throws OciError the container is not one that can be started, or its command could not be executed
 * @throws Error a hook failed
 */
export async function start(store: OciStore, id: string, warn: (message: string) => void): Promise<void> {
  const state = store.find(id)
  const status = statusOf(store, state)
  if (status === 'running') throw new OciError('cannot start an already running container')
  // Frozen, it would not come to its command: start would wait, and the next one find it started.
  if (status === 'paused') throw new OciError('cannot start a container in the paused state')
  if (status === 'stopped') throw new OciError('cannot start a container that has stopped')
  if (status === 'creating') throw new OciError('cannot start a container in the creating state')
  const fifo = store.path(id, 'start')
  const claimed = `${fifo}.claimed`
  const fd = openWaiting(fifo)
  try {
    // Of several that start it at once, one has the name.
    if (!claim(fifo, claimed)) throw new OciError('cannot start an already running container')
    await runHooksOf(store, state, 'startContainer', 'created')
    writeSync(fd, 'G')
    await executed(state)
  } finally {
    closeSync(fd)
    rmSync(claimed, { force: true })
  }
  await poststart(store, state, warn)
}

/** @throws OciError nobody reads from it any more (ENXIO, fifo(7)), or another has started the container meanwhile */
function openWaiting(fifo: string): number {
  try {
    return openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENXIO') throw new OciError('cannot start a container that has stopped')
    if (code === 'ENOENT') throw new OciError('cannot start an already running container')
    throw error
  }
}

function claim(from: string, to: string): boolean {
  try {
    renameSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** PF_FORKNOEXEC (include/linux/sched.h): the process has executed nothing since it was cloned. Field 9 of proc_pid_stat(5). */
const forkNoExec = 0x40

/** The process has executed its command; one that has ended since has too, for all that can be seen. */
async function executed({ process, id }: OciState): Promise<void> {
  for (const late = deadline(patienceMillis); !late(); await delay(1)) {
    if (!process || !alive(process) || (flagsOf(process) & forkNoExec) === 0) return
  }
  throw new OciError(`the process of ${id} has not executed its command after ${patienceMillis / 1000} s`)
}

function flagsOf({ pid }: Identity): number {
  try {
    return statOf(pid).flags
  } catch (error) {
    if (error instanceof ProcessVanishedError) return 0
    throw error
  }
}
