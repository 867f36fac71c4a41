import { expect, test } from 'vitest'
import { sys } from '@ctr/syscall'
import { checkpoint, launch } from './index.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { run, shell } from '../test/shell.ts'

const namespaces = ['CLONE_NEWPID'] as const
const reason = new Error('not any more')
await run('true')

test('aborted before, nothing is started', async () => {
  const before = await census()
  await expect(launch([shell('true')], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await expectNothingLeft(before)
})

test('aborted while a call does not return', async () => {
  const before = await census()
  for (const stage of [false, true]) {
    const controller = new AbortController()
    const blocked = sys.ppoll([], { tv_sec: 3600, tv_nsec: 0 }, 'an hour')
    const started = launch(stage ? [shell('true')] : [blocked, shell('true')], { namespaces, stage: stage ? [blocked] : [], stdio: 'pipe', signal: controller.signal })
    setTimeout(() => controller.abort(reason), 20)
    await expect(started).rejects.toBe(reason)
  }
  await expectNothingLeft(before)
})

test('aborted while a handler does not return', async () => {
  const before = await census()
  const controller = new AbortController()
  const never = () => new Promise<void>(() => setTimeout(() => controller.abort(reason), 10))
  await expect(launch([...checkpoint('never'), shell('true')], { namespaces, checkpoints: { never }, signal: controller.signal })).rejects.toBe(reason)
  await expectNothingLeft(before)
})

test('aborted at any moment', async () => {
  const before = await census()
  let rejected = 0
  for (let i = 0; i < 60; i++) {
    const controller = new AbortController()
    const started = launch([...checkpoint('here'), shell('sleep 60')], { namespaces, stdio: 'ignore', checkpoints: { here: () => {} }, signal: controller.signal })
    setTimeout(() => controller.abort(reason), i / 10)
    const p = await started.catch((error: unknown) => { expect(error).toBe(reason); rejected++ })
    if (p) expect(await p.exited).toMatchObject({ signal: 'SIGKILL' })
  }
  expect(rejected).toBeGreaterThan(0)
  await expectNothingLeft(before)
})

test('aborted afterwards, the process is killed', async () => {
  const controller = new AbortController()
  const p = await launch([shell('sleep 60')], { stdio: 'ignore', signal: controller.signal })
  controller.abort()
  expect(await p.exited).toMatchObject({ signal: 'SIGKILL' })
})
