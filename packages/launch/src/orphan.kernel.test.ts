import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { next, node } from '../test/node-script.ts'

const folder = mkdtempSync(join(tmpdir(), 'orphan-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Whether a process is there and not a zombie that only waits for whoever adopted it. */
const alive = (pid: number) => existsSync(`/proc/${pid}`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
const gone = { timeout: 20_000, interval: 10 }

const parent = (marker: string, options: string, then: string) => node(`
  import { sys } from '@ctr/syscall'
  import { checkpoint, launch } from './index.ts'
  import { children } from '../test/leaks.ts'
  import { shell } from '../test/shell.ts'
  const say = (pid) => console.log(JSON.stringify({ pid, children: children().map((line) => parseInt(line)) }))
  const p = await launch([...checkpoint('here'), shell('exec sleep 300')], {
    namespaces: ['CLONE_NEWPID', 'CLONE_NEWNS'], stdio: 'ignore',
    orphan: [sys.unlinkat('AT_FDCWD', ${JSON.stringify(marker)}, [], 'the mark must go')],
    checkpoints: { here: (process) => { ${then === 'checkpoint' ? 'say(process.pid); return new Promise(() => setTimeout(() => {}, 1e6))' : ''} } },
    ${options}
  })
  say(p.pid)
  ${then === 'exec' ? 'setTimeout(() => {}, 1e6)' : then}
`)

test.each(['checkpoint', 'exec'])('killed at %s, the parent takes all with it, and what it would have removed is removed', async (where) => {
  const marker = join(folder, where)
  writeFileSync(marker, '')
  const { child, lines, ended } = await parent(marker, '', where)
  const { pid, children: started } = JSON.parse(await next(lines)) as { pid: number; children: number[] }
  expect(started).toContain(pid)
  expect(started).toHaveLength(2)
  expect(started.every(alive)).toBe(true)
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  await expect.poll(() => started.filter(alive), gone).toEqual([])
  expect(existsSync(marker)).toBe(false)
})

test('an exit of the parent is its death too', async () => {
  const marker = join(folder, 'exit')
  writeFileSync(marker, '')
  const { lines, ended } = await parent(marker, '', 'process.exit(3)')
  const { children: started } = JSON.parse(await next(lines)) as { children: number[] }
  expect(await ended).toBe(3)
  await expect.poll(() => started.filter(alive), gone).toEqual([])
  expect(existsSync(marker)).toBe(false)
})

test('killed at any moment, it leaves nothing', { timeout: 300_000 }, async () => {
  const tag = `t${process.pid}`
  // What was launched is called after the tag from its fourth call on, and so is what it executes.
  const named = () => readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && alive(Number(pid)) && (readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(tag) || readFileSync(`/proc/${pid}/comm`, 'latin1') === `${tag}\n`)
    } catch {
      return false
    }
  })
  const script = `
    import { launch } from './index.ts'
    import { shell } from '../test/shell.ts'
    console.log('ready')
    for (;;) await Promise.all([0, 1, 2].map(async () => {
      await using p = await launch([shell('exec sleep 30 # ${tag}'), shell('')], { name: '${tag}', namespaces: ['CLONE_NEWPID', 'CLONE_NEWNS', 'CLONE_NEWNET'], stdio: 'pipe' })
    }))`
  for (let i = 0; i < 12; i++) {
    const { child, lines, ended } = await node(script)
    await next(lines)
    await new Promise((resolve) => setTimeout(resolve, 40 + i * 7.3))
    child.kill('SIGKILL')
    await ended
    await expect.poll(named, gone).toEqual([])
  }
})

test('as long as the parent lives, nothing is removed: it does that itself', async () => {
  const marker = join(folder, 'kept')
  writeFileSync(marker, '')
  const { ended } = await parent(marker, '', 'p.kill(); await p.exited; console.log(children().length)')
  expect(await ended).toBe(0)
  expect(existsSync(marker)).toBe(true)
})

test('detached, it survives, and nobody waits beside it', async () => {
  const marker = join(folder, 'detached')
  writeFileSync(marker, '')
  const { child, lines, ended } = await parent(marker, 'detached: true,', 'exec')
  const { pid, children: started } = JSON.parse(await next(lines)) as { pid: number; children: number[] }
  expect(started).toEqual([pid])
  child.kill('SIGKILL')
  await ended
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(alive(pid)).toBe(true)
  expect(existsSync(marker)).toBe(true)
  process.kill(pid, 'SIGKILL')
})

test('unref lets the parent end by itself', async () => {
  const { lines, ended } = await parent(join(folder, 'none'), 'detached: true,', 'p.unref(); p.exited')
  const { pid } = JSON.parse(await next(lines)) as { pid: number }
  expect(await ended).toBe(0)
  expect(alive(pid)).toBe(true)
  process.kill(pid, 'SIGKILL')
})

test('who watches is in a session of its own: a signal from the terminal does not end it', async () => {
  const { child, lines, ended } = await parent(join(folder, 'none'), '', 'exec')
  const { pid, children: started } = JSON.parse(await next(lines)) as { pid: number; children: number[] }
  const watcher = started.find((each) => each !== pid)!
  const session = (of: number) => readFileSync(`/proc/${of}/stat`, 'latin1').replace(/.*\) /, '').split(' ')[3]
  await expect.poll(() => session(watcher), gone).toBe(String(watcher))
  expect(session(pid)).toBe(session(child.pid!))
  child.kill('SIGKILL')
  await ended
  await expect.poll(() => started.filter(alive), gone).toEqual([])
})
