import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { find, kill, list, NameInUseError, NoSuchContainerError, NotRunningError, remove, run, start, sweep, type RunningContainer } from '../apps/runner/src/index.ts'
import { expectNothingLeft, settled, type Snapshot } from '../apps/runner/test/leak-check.ts'
import { leave, state } from '../apps/runner/test/state-file.ts'
import { all, node, nodeScript } from '../packages/launch/test/node-script.ts'

const prefix = `name${process.pid}`
const name = `${prefix}x`
const config = { rootfs: 'host', args: ['/bin/sleep', '1000'], name }
const directory = `/run/ctrun/${name}`
let before: Snapshot

beforeAll(async () => {
  await nodeScript('')
  await run({ ...config, args: ['/bin/true'] })
  before = await settled(prefix)
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))
afterAll(() => sweep())

const listed = () => list().map(({ state }) => state.name)

/** 32 starts of the one name at the same time: one succeeds. */
async function race(): Promise<void> {
  const started = await Promise.allSettled(Array.from({ length: 32 }, () => start(config, { stdio: 'ignore' })))
  const winners = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const others = started.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
  try {
    expect(others.filter((reason) => !(reason instanceof NameInUseError))).toEqual([])
    expect(winners).toHaveLength(1)
    expect(find(name).state.id).toBe(winners[0]!.id)
  } finally {
    await Promise.all(winners.map((each: RunningContainer) => each[Symbol.asyncDispose]()))
  }
  await expectNothingLeft(prefix, before)
}

describe('of 32 starts of one name at once, one succeeds', () => {
  test('of a name that is free', race)
  test('of a name that a dead container has left', async () => {
    leave(name, state(name))
    await race()
  })
  test('of a name that something broken has', async () => {
    leave(name, '{"v":1,')
    await race()
  })
})

test('processes that start, list and sweep one name at the same time: never two containers, never another error', { timeout: 90_000 }, async () => {
  const folder = mkdtempSync(`${tmpdir()}/ctr-names-`)
  try {
    // What goes wrong is said in the last line.
    const trap = `process.on('uncaughtException', ({ stack }) => { console.log(JSON.stringify(stack)); process.exitCode = 1 })`
    const said = async (script: string) => JSON.parse((await all((await node(script)).lines)).at(-1) ?? 'null') as unknown
    const scripts = Array.from({ length: 6 }, () => said(`${trap}
      import { closeSync, openSync, rmSync } from 'node:fs'
      import { find, start } from '../../../apps/runner/src/index.ts'
      const own = '${folder}/held', counts = { won: 0, lost: 0 }
      // Where everything takes long, until there is something to be said.
      for (const begin = Date.now(); Date.now() < begin + 4000 || (counts.won < 3 && Date.now() < begin + 40_000); ) {
        try {
          const container = await start(${JSON.stringify(config)}, { stdio: 'ignore' })
          closeSync(openSync(own, 'wx'))
          counts.won++
          if (find(container.name).state.id !== container.id) throw new Error('The name leads to another container')
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
          rmSync(own)
          await container[Symbol.asyncDispose]()
        } catch (error) {
          if (error.code !== 'ENAMEINUSE') throw error
          counts.lost++
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 5))
        }
      }
      console.log(JSON.stringify(counts))`))
    const sweeper = said(`${trap}
      import { list, sweep } from '../../../apps/runner/src/index.ts'
      for (const end = Date.now() + 4500; Date.now() < end; ) { await sweep(); list(); await new Promise((resolve) => setTimeout(resolve, 1)) }
      console.log('"swept"')`)
    const owners = (await Promise.all(scripts)) as { won: number; lost: number }[]
    expect(await sweeper).toBe('swept')
    for (const each of owners) expect(each).toEqual({ won: expect.any(Number) as number, lost: expect.any(Number) as number })
    expect(owners.reduce((sum, { won }) => sum + won, 0)).toBeGreaterThan(10)
    expect(owners.reduce((sum, { lost }) => sum + lost, 0)).toBeGreaterThan(10)
  } finally {
    rmSync(folder, { recursive: true })
  }
  await expectNothingLeft(prefix, before)
})

describe('what is left of a container that nobody looks after', () => {
  const dead = state(name)
  const stale = {
    'its owner is dead': dead,
    'its owner died before anything ran': state(name, { status: 'creating' }),
    'it is of another boot, and its numbers are those of a process of today': state(name, { owner: { ...dead.owner, pid: process.pid, bootId: 'another' }, process: { ...dead.owner, pid: 1, bootId: 'another' } }),
    'its numbers have been given to another process': state(name, { owner: { ...dead.owner, pid: process.pid }, process: { ...dead.owner, pid: 1 } }),
  }

  test.each(Object.entries(stale))('%s: it is not listed, and swept', async (_title, left) => {
    leave(name, left)
    expect(listed()).not.toContain(name)
    expect(() => find(name)).toThrow(NoSuchContainerError)
    expect(await sweep()).not.toContain(name)
    await expectNothingLeft(prefix, before)
  })

  test.each(Object.entries(stale))('%s: its name can be used', async (_title, left) => {
    leave(name, left)
    expect(await run({ ...config, args: ['/bin/true'] })).toMatchObject({ exitCode: 0 })
    await expectNothingLeft(prefix, before)
  })

  test('a process that has its PID now is never signalled', async () => {
    const other = spawn('sleep', ['1000'])
    try {
      await once(other, 'spawn')
      const process = { ...dead.owner, pid: other.pid! }
      for (const act of [() => kill({ state: state(name, { process }), status: 'running' }), () => remove({ state: state(name, { process }), status: 'running' }, { force: true }), () => sweep(), () => run({ ...config, args: ['/bin/true'] })]) {
        leave(name, state(name, { process }))
        await Promise.resolve(act()).catch((error: unknown) => expect(error).toBeInstanceOf(NotRunningError))
        expect([other.exitCode, other.signalCode, readFileSync(`/proc/${other.pid}/stat`, 'utf8').split(' ')[2]]).toEqual([null, null, expect.stringMatching(/^[RSD]$/)])
      }
      expect(existsSync(directory)).toBe(false)
    } finally {
      other.kill('SIGKILL')
      await once(other, 'exit')
    }
    await expectNothingLeft(prefix, before)
  })
})

describe('what is not a state', () => {
  const whole = JSON.stringify(state(name))
  const garbage = { nothing: '', 'half of one': whole.slice(0, 100), 'another format': whole.replace('"v":1', '"v":2'), 'an array': '[]', null: 'null', 'no owner': '{"v":1,"id":"0","name":"x"}', 'not text': '\0\xff\xfe', 'numbers that are none': whole.replace(/"pid":\d+/, '"pid":-1') }

  test.each(Object.entries(garbage))('%s: the others are listed, it is named by find, and swept', async (_title, text) => {
    leave(name, text)
    await using container = await start({ ...config, name: `${prefix}y` }, { stdio: 'ignore' })
    expect(listed()).toContain(container.name)
    expect(listed()).not.toContain(name)
    expect(() => find(name)).toThrow(`${directory}/state.json is not a container's state`)
    const kept = await sweep()
    expect(kept).toContain(container.name)
    expect(kept).not.toContain(name)
    expect(existsSync(directory)).toBe(false)
  })

  test('directories, links and files of others in its place: nothing throws, nothing outside is touched', async () => {
    const outside = mkdtempSync(`${tmpdir()}/ctr-outside-`)
    writeFileSync(`${outside}/file`, 'as it was')
    try {
      for (const make of [
        () => mkdirSync(`${directory}/state.json/deep`, { recursive: true }),
        () => mkdirSync(directory),
        () => { mkdirSync(directory); symlinkSync(outside, `${directory}/root`); writeFileSync(`${directory}/strange`, '') },
        () => symlinkSync(outside, directory),
        () => writeFileSync(directory, 'a file'),
      ]) {
        rmSync(directory, { recursive: true, force: true })
        make()
        expect(listed()).not.toContain(name)
        await sweep()
        expect(readFileSync(`${outside}/file`, 'utf8')).toBe('as it was')
        expect(statSync(outside).isDirectory()).toBe(true)
      }
    } finally {
      rmSync(outside, { recursive: true })
    }
  })
})

test('without room in the state directory: a clear error and nothing left, and what runs can be ended and written down', { timeout: 30_000 }, async () => {
  const { lines, ended } = await node(`
    import { readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
    import { find, kill, start, stop } from '../../../apps/runner/src/index.ts'
    const config = { rootfs: 'host', args: ['/bin/sleep', '1000'], name: '${prefix}full', remove: false, stopTimeoutSeconds: 0.2 }
    // Leaves this many pages.
    const fill = (pages) => { rmSync('/run/ctrun/.fill', { force: true }); const { bavail, bsize } = statfsSync('/run/ctrun'); if (bavail > pages) writeFileSync('/run/ctrun/.fill', Buffer.alloc((bavail - pages) * bsize)) }
    const say = (value) => console.log(JSON.stringify(value))
    fill(0)
    say(await start(config, { stdio: 'ignore' }).then(() => 'started', ({ code, message }) => ({ code, message })))
    say(readdirSync('/run/ctrun'))
    for (const end of [(c) => c.kill('SIGKILL'), () => kill(find(config.name)), () => stop(find(config.name))]) {
      fill(1)
      const container = await start(config, { stdio: 'ignore' })
      say(find(config.name).status)
      await end(container)
      say((await container.exited).exitCode)
      say(find(config.name).state.outcome)
      rmSync('/run/ctrun/' + config.name, { recursive: true })
    }
  `, { wrap: ['unshare', '-m', 'sh', '-c', 'mkdir -p /run/ctrun && mount -t tmpfs -o size=16k tmpfs /run/ctrun && exec "$@"', 'sh'] })
  const said = (await all(lines)).map((line) => JSON.parse(line) as unknown)
  expect(await ended).toBe(0)
  expect(said[0]).toMatchObject({ code: 'ENOSPC', message: expect.stringContaining('no room in /run/ctrun') as string })
  expect(said[1]).toEqual(['.fill'])
  for (let i = 0; i < 3; i++) expect(said.slice(2 + 3 * i, 5 + 3 * i)).toMatchObject(['running', 137, { exitCode: 137 }])
  await expectNothingLeft(prefix, before)
})
