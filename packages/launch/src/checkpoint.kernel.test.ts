import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sys } from '@ctr/syscall'
import { checkpoint, launch, type LaunchedProcess } from './index.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { run, shell, text } from '../test/shell.ts'

const halfway = [sys.sethostname('half', 'this much is done'), ...checkpoint('half'), sys.sethostname('whole', 'and this is not')]
const options = { namespaces: ['CLONE_NEWUTS', 'CLONE_NEWPID'], stdio: ['ignore', 'pipe', 'inherit'] } as const
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
await run('true')

test('the process waits, half-built, until the handler is done', async () => {
  const seen: unknown[] = []
  const p = await launch([...halfway, shell('hostname')], { ...options, checkpoints: { half: async (waiting) => {
    await sleep(50)
    seen.push(readFileSync(`/proc/${waiting.pid}/comm`, 'utf8'), readlinkSync(`/proc/${waiting.pid}/ns/uts`) !== readlinkSync('/proc/self/ns/uts'))
    // read: 0 on x86-64, 63 on arm64
    seen.push(['0', '63'].includes(readFileSync(`/proc/${waiting.pid}/syscall`, 'utf8').split(' ')[0]!))
  } } })
  expect(seen).toEqual(['ctr\n', true, true])
  expect(await text(p.stdout)).toBe('whole\n')
})

test('the object that the handler gets is the one that launch returns', async () => {
  let waiting: LaunchedProcess | undefined
  const p = await launch([...checkpoint('here'), shell('exit 3')], { ...options, checkpoints: { here: (process) => void (waiting = process) } })
  expect(p.pid).toBe(waiting!.pid)
  expect(await waiting!.exited).toMatchObject({ code: 3 })
})

test('a checkpoint before clone3 shows the process that will call it, a later one the new one', async () => {
  const pids: number[] = []
  const record = (process: LaunchedProcess) => void pids.push(process.pid)
  const p = await launch([...checkpoint('after'), shell('exit 0')], { ...options, stage: checkpoint('before'), checkpoints: { before: record, after: record } })
  expect(pids[0]).not.toBe(pids[1])
  expect(p.pid).toBe(pids[1])
  expect(await p.exited).toMatchObject({ code: 0 })
})

test.each(['before', 'after'])('when a handler throws %s clone3, the error is passed on and nothing is left', async (where) => {
  const before = await census()
  const cause = new Error('the network is down')
  let pid = 0
  const handler = (process: LaunchedProcess) => { pid = process.pid; throw cause }
  await expect(launch([...checkpoint('after'), shell('exit 0')], { ...options, stdio: 'pipe', stage: checkpoint('before'), checkpoints: { before: () => {}, [where]: handler } })).rejects.toBe(cause)
  expect(existsSync(`/proc/${pid}`)).toBe(false)
  await expectNothingLeft(before)
})

test('a checkpoint that nobody knows ends the process', async () => {
  const before = await census()
  await expect(launch(halfway, options)).rejects.toThrow('"half"')
  await expectNothingLeft(before)
})

test('a handler may kill its process and wait for the end', async () => {
  const before = await census()
  const handler = async (process: LaunchedProcess) => {
    process.kill()
    expect(await process.exited).toMatchObject({ signal: 'SIGKILL' })
    expect(process.kill()).toBe(false)
  }
  // On another processor, it may not even have come back from telling us that it waits.
  for (const where of ['before', 'after'])
    await expect(launch([...checkpoint('after'), shell('exit 0')], { ...options, stage: checkpoint('before'), checkpoints: { before: () => {}, [where]: handler } })).rejects.toMatchObject({ code: 'SIGKILL', syscall: expect.stringMatching(/^(write|read)$/) as string })
  await expectNothingLeft(before)
})

test('names are checked', () => {
  for (const name of ['', 'a\nb', 'x'.repeat(201)]) expect(() => checkpoint(name)).toThrow('Cannot call a checkpoint')
})
