import { existsSync } from 'node:fs'
import { exists, procs } from '@ctr/cgroup'
import { hostPid, procfs, ProcessVanishedError } from '@ctr/procfs'
import { expect, test } from 'vitest'
import { find, groupOf, kill, list, NoSuchContainerError, remove, stop, wait } from '../src/index.ts'
import { inside, joined, leavesNothing, next, running } from './inside.ts'

const proc = procfs()
const gone = (pid: number) => !existsSync(`/proc/${pid}`)

/** The state letter of a process, undefined when there is none. */
function stateOf(pid: number): string | undefined {
  try {
    return proc.pid(pid).stat().state
  } catch (error) {
    if (error instanceof ProcessVanishedError) return undefined
    throw error
  }
}

test('PID 1 killed from the host takes every process with it, and cgroup and state are gone', async () => {
  // One is in a session of its own, one ignores what can be ignored, one is stopped.
  const container = await running(`
    setsid sleep 104 & sh -c 'trap "" TERM HUP INT; sleep 105; sleep 105' & sleep 106 & kill -STOP $!; echo; wait`)
  await next(container)
  const { state } = find(container.name)
  await expect.poll(() => procs(groupOf(state)).length).toBe(5)
  const pids = procs(groupOf(state))

  process.kill(container.pid, 'SIGKILL')
  // Nobody left a note of who it was, so no reason is given.
  expect(await container.exited).toEqual({ exitCode: 137, signal: 'SIGKILL' })
  expect(pids.filter((pid) => !gone(pid))).toEqual([])
  expect(exists(groupOf(state))).toBe(false)
  expect(existsSync(`/run/ctrun/${container.name}`)).toBe(false)
  expect(() => find(container.name)).toThrow(NoSuchContainerError)
  expect(list().map((each) => each.state.name)).not.toContain(container.name)
})

test('a container that is kept says how it ended, until it is removed', async () => {
  const container = await running('echo; sleep 100', { remove: false })
  await next(container)
  const before = find(container.name)
  const waited = wait(before)
  await kill(before)
  const outcome = { exitCode: 137, signal: 'SIGKILL', reason: { kind: 'kill', signal: 'SIGKILL', byPid: process.pid } }
  expect(await container.exited).toEqual(outcome)
  expect(await waited).toEqual(outcome)
  const after = find(container.name)
  expect(after).toMatchObject({ status: 'exited', state: { outcome } })
  expect(await wait(after)).toEqual(outcome)
  expect(await stop(after)).toBe(false)
  expect(exists(groupOf(after.state))).toBe(false)
  await remove(after)
  expect(() => find(container.name)).toThrow(NoSuchContainerError)
})

test('when PID 1 ends by itself, the rest is killed and the status is its', async () => {
  const { exitCode, stdout } = await inside('sleep 100 & sleep 100 & echo done; exit 42')
  expect({ exitCode, stdout }).toEqual({ exitCode: 42, stdout: 'done\n' })
})

// The middle shell ends at once, so its child is an orphan.
const orphan = "sh -c 'sleep 100 & echo $!'"

test('an orphan becomes a child of PID 1, which init reaps', async () => {
  await using container = await running(`${orphan}; sleep 100`, { init: true })
  const pid = hostPid(proc, { namespace: container.pid, pid: Number(await next(container)) })!
  await expect.poll(() => proc.pid(pid).stat().ppid, { interval: 5 }).toBe(container.pid)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => stateOf(pid)).toBeUndefined()
  expect(proc.pid(container.pid).comm()).toBe('init')
})

test('without init, an orphan stays a zombie where PID 1 does not wait for it', async () => {
  await using container = await running(`${orphan}; exec sleep 100`)
  const pid = hostPid(proc, { namespace: container.pid, pid: Number(await next(container)) })!
  await expect.poll(() => proc.pid(pid).stat().ppid, { interval: 5 }).toBe(container.pid)
  process.kill(pid, 'SIGKILL')
  await expect.poll(() => stateOf(pid)).toBe('Z')
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(stateOf(pid)).toBe('Z')
  container.kill()
  await container.exited
  expect(gone(pid)).toBe(true)
})

test('PID 1 ignores signals that it has no handler for, also from outside', async () => {
  await using container = await running('exec sleep 100')
  // A shell has a handler for SIGINT, if only for an instant.
  await expect.poll(() => proc.pid(container.pid).comm()).toBe('sleep')
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGABRT'] as const) container.kill(signal)
  expect((await joined(container, 'kill -KILL 1; kill -TERM 1; sleep 0.1; cat /proc/1/comm')).stdout).toBe('sleep\n')
  expect(stateOf(container.pid)).toBe('S')
})

test('with init, the same signals end the command', async () => {
  const container = await running('echo; exec sleep 100', { init: true })
  expect(await next(container)).toBe('')
  container.kill('SIGUSR1')
  expect(await container.exited).toMatchObject({ exitCode: 138 })
})

test('a PID 1 that handles the stop signal ends as it likes', async () => {
  const container = await running('trap "echo asked; exit 5" USR1; echo; while :; do sleep 0.05; done', { stopSignal: 'SIGUSR1' })
  await next(container)
  expect(await stop(find(container.name))).toBe(false)
  expect(await next(container)).toBe('asked')
  expect(await container.exited).toEqual({ exitCode: 5, signal: null })
})

test('a PID 1 that ignores it is killed after the timeout', async () => {
  const container = await running('trap "" TERM; echo; while :; do sleep 0.05; done')
  await next(container)
  const begin = performance.now()
  expect(await stop(find(container.name), { timeoutSeconds: 0.5 })).toBe(true)
  expect(performance.now() - begin).toBeGreaterThan(500)
  expect(await container.exited).toEqual({ exitCode: 137, signal: 'SIGKILL', reason: { kind: 'stop', signal: 'SIGTERM', byPid: process.pid } })

  const handle = await running('trap "" TERM; echo; while :; do sleep 0.05; done', { stopTimeoutSeconds: 0.2 })
  await next(handle)
  expect(await handle.stop()).toMatchObject({ exitCode: 137, signal: 'SIGKILL' })
})

test('a paused container can be stopped: it goes on to do what it does then', async () => {
  const paused = async () => {
    const container = await running('trap "exit 6" TERM; echo; while :; do sleep 0.05; done')
    await next(container)
    await container.pause()
    return container
  }
  const container = await paused()
  const record = find(container.name)
  expect(record.status).toBe('paused')
  expect(await stop(record)).toBe(false)
  expect(await container.exited).toMatchObject({ exitCode: 6 })
  expect(await (await paused()).stop()).toMatchObject({ exitCode: 6 })
})

test('a paused container can be killed, removed and disposed of', async () => {
  const paused = async () => {
    const container = await running('echo; sleep 100')
    await next(container)
    await container.pause()
    return container
  }
  const killed = await paused()
  await kill(find(killed.name))
  expect(await killed.exited).toMatchObject({ signal: 'SIGKILL' })

  const removed = await paused()
  await remove(find(removed.name), { force: true })
  expect(await removed.exited).toMatchObject({ signal: 'SIGKILL' })

  const disposed = await paused()
  await disposed[Symbol.asyncDispose]()
  expect(await disposed.exited).toMatchObject({ signal: 'SIGKILL' })
})

test('a signal that did not end the container is not its reason', async () => {
  const handling = async (limits = {}) => {
    const container = await running('trap "echo again" HUP; read -r go < /dev/zero & echo; while :; do sleep 0.05; done', { limits })
    await next(container)
    await kill(find(container.name), 'SIGHUP')
    expect(await next(container)).toBe('again')
    return container
  }
  const crashed = await handling()
  // As if it had crashed: nobody of ours sent that.
  process.kill(crashed.pid, 'SIGKILL')
  expect(await crashed.exited).toEqual({ exitCode: 137, signal: 'SIGKILL' })

  const killed = await handling()
  await kill(find(killed.name))
  expect(await killed.exited).toMatchObject({ reason: { kind: 'kill', signal: 'SIGKILL' } })
})

test('a child that was killed for memory is not why a container was killed by us later', async () => {
  const container = await running('tail /dev/zero; echo $?; sleep 100', { limits: { memoryBytes: 24 << 20, memorySwapBytes: 24 << 20 } })
  expect(await next(container)).toBe('137')
  await kill(find(container.name))
  expect(await container.exited).toMatchObject({ exitCode: 137, reason: { kind: 'kill', signal: 'SIGKILL' } })
})

test('what has ended can be stopped and killed once more', async () => {
  const container = await running('exit 3')
  expect(await container.exited).toMatchObject({ exitCode: 3 })
  expect(await container.stop()).toMatchObject({ exitCode: 3 })
  expect(container.kill()).toBe(false)
})

leavesNothing()
