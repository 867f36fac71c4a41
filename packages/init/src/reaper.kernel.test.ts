import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { nodeModule } from '../test/node-program.ts'
import { asPid1, endAll, noNamespace, start } from './fixtures/world.ts'

let files: Awaited<ReturnType<typeof nodeModule>>
beforeAll(async () => { files = await nodeModule() })
afterAll(() => files.remove())
afterEach(endAll)

const asRoot = noNamespace
// An emulated processor takes minutes for as many shells.
const [many, rounds] = process.env['CTR_GUEST'] === undefined ? [1000, 20] : [100, 3]

/** A program, as PID 1 of a namespace or as an ordinary process. */
const run = (place: 'PID 1' | 'a subreaper', program: string, more: string[] = []) =>
  place === 'PID 1' ? start([...asPid1, process.execPath, ...more, ...files.args('register', program)]) : start([process.execPath, ...more, ...files.args('subreaper', program)])

// Zombies among our children, as the kernel shows them: the state is behind the parenthesis (proc_pid_stat(5)).
const zombies = `
import { readFileSync } from 'node:fs'
const children = () => readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').split(' ').filter(Boolean)
const zombies = () => children().filter((pid) => { try { return readFileSync('/proc/' + pid + '/stat', 'utf8').replace(/.*\\) /s, '')[0] === 'Z' } catch { return false } })
const until = async (what, condition) => { for (let i = 0; i < 2000; i++) { if (condition()) return; await new Promise((resolve) => setTimeout(resolve, 10)) } throw new Error('not in time: ' + what) }
`

for (const place of ['PID 1', 'a subreaper'] as const) {
  const reason = place === 'PID 1' && asRoot
  describe.skipIf(reason)(`as ${place}${reason ? `: ${reason}` : ''}`, () => {
    test(`${many} concurrent children and ${many} orphans: every child ends with its own code, every orphan is reaped`, async () => {
      const running = run(place, `
        import { spawn } from 'node:child_process'
        import { currentReaper } from './reaper.mjs'
        ${zombies}
        const reaped = []
        currentReaper().on('reaped', (orphan) => reaped.push(orphan))
        const outcome = (child) => new Promise((resolve, reject) => child.on('error', reject).on('exit', (code, signal) => resolve(signal ?? code)))
        // Nobody ends before all are there: each waits for the end of the pipe that we hold.
        const orphans = spawn('sh', ['-c', 'i=0; while [ $i -lt ${many} ]; do (read x; exit $((i % 256))) <&3 & i=$((i+1)); done; exit 77'], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] })
        const parent = outcome(orphans)
        const own = Array.from({ length: ${many} }, (_, i) => spawn('sh', ['-c', i % 4 === 3 ? 'read x; kill -TERM $$' : 'read x; exit ' + i % 256], { stdio: ['pipe', 'ignore', 'inherit'] }))
        const ended = own.map(outcome)
        const code = await parent
        const alive = children().length
        orphans.stdio[3].destroy()
        for (const child of own) child.stdin.destroy()
        const codes = await Promise.all(ended)
        const wrong = codes.filter((found, i) => found !== (i % 4 === 3 ? 'SIGTERM' : i % 256)).length
        await until('all orphans', () => reaped.length === ${many})
        const pids = new Set(own.map(({ pid }) => pid))
        const sum = reaped.reduce((sum, { code }) => sum + code, 0)
        console.log(JSON.stringify({ code, alive, wrong, sum, taken: reaped.filter(({ pid }) => pids.has(pid)).length, zombies: zombies(), different: new Set(reaped.map(({ pid }) => pid)).size }))
      `)
      expect(await running.ended).toBe(0)
      const sum = Array.from({ length: many }, (_, i) => i % 256).reduce((a, b) => a + b)
      expect(JSON.parse(running.text())).toEqual({ code: 77, alive: 2 * many, wrong: 0, sum, taken: 0, zombies: [], different: many })
    }, 120_000)

    test('every way of node:child_process keeps its children, while orphans die without end', async () => {
      const running = run(place, `
        import { exec, execFile, execFileSync, fork, spawn, spawnSync } from 'node:child_process'
        import { promisify } from 'node:util'
        import { Worker, isMainThread, parentPort } from 'node:worker_threads'
        import { currentReaper } from './reaper.mjs'
        ${zombies}
        let reaped = 0
        currentReaper().on('reaped', () => reaped++)
        const storm = spawn('sh', ['-c', 'while :; do (sleep 0.01 &); done'], { stdio: 'ignore' })
        await until('orphans', () => reaped > 0)
        const failed = (promise) => promise.then(() => 0, (error) => error.code)
        const worker = new Worker(\`
          const { spawn } = require('node:child_process')
          const { parentPort } = require('node:worker_threads')
          const all = Array.from({ length: 20 }, (_, i) => new Promise((resolve) => spawn('sh', ['-c', 'sleep 0.2; exit ' + i]).on('exit', resolve)))
          Promise.all(all).then((codes) => parentPort.postMessage(codes))\`, { eval: true })
        const inWorker = new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject))
        const codes = []
        for (let i = 0; i < ${rounds}; i++) {
          codes.push(spawnSync('sh', ['-c', 'exit 3']).status)
          try { execFileSync('sh', ['-c', 'exit 4'], { stdio: 'ignore' }) } catch (error) { codes.push(error.status) }
          codes.push(await failed(promisify(exec)('exit 5')), await failed(promisify(execFile)('sh', ['-c', 'exit 6'])))
        }
        const forked = fork(process.argv[1].replace(/[^/]*$/, 'reaper.mjs'))
        codes.push(await new Promise((resolve) => forked.on('exit', resolve)))
        const missing = await new Promise((resolve) => spawn('/nonexistent').on('error', ({ code }) => resolve(code)))
        const theirs = await inWorker
        storm.kill('SIGKILL')
        await until('no zombies', () => zombies().length === 0)
        console.log(JSON.stringify({ codes: [...new Set(codes.slice(0, -1))].sort(), count: codes.length, forked: codes.at(-1), missing, theirs, many: reaped > 5 }))
      `)
      expect([await running.ended, JSON.parse(running.text())]).toEqual([0, { codes: [3, 4, 5, 6], count: 4 * rounds + 1, forked: 0, missing: 'ENOENT', theirs: Array.from({ length: 20 }, (_, i) => i), many: true }])
    }, 120_000)

    test.each([0, 60])('what @ctr/launch has started ends with its own code: it waits by pidfd, on an event loop that is blocked for %i ms each turn', async (blocked) => {
      const running = run(place, `
        import { sys, launch } from './launch.mjs'
        import { currentReaper } from './reaper.mjs'
        ${zombies}
        const block = setInterval(() => { for (const end = performance.now() + ${blocked}; performance.now() < end; ); }, 1)
        const ours = new Set()
        let taken = 0, reaped = 0
        currentReaper().on('reaped', ({ pid }) => { reaped++; if (ours.has(pid)) taken++ })
        const one = async (i) => {
          const child = await launch([sys.execve('/bin/sh', ['sh', '-c', '(: &); (: &); exit ' + i], ['PATH=/usr/bin:/bin'], 'a code of its own')], { stdio: 'ignore' })
          ours.add(child.pid)
          return (await child.exited).code
        }
        const codes = []
        for (let i = 0; i < ${blocked ? 20 : 100}; i += 10) codes.push(...await Promise.all(Array.from({ length: 10 }, (_, j) => one(i + j))))
        await until('no zombies', () => reaped >= ${blocked ? 40 : 200} && zombies().length === 0)
        clearInterval(block)
        console.log(codes.every((code, i) => code === i), taken)
      `)
      expect([await running.ended, running.text()]).toEqual([0, 'true 0\n'])
    })

    test('what ran before Node was executed is reaped too, and a claimed child is not until it is released', async () => {
      const program = `
        import { currentReaper } from './reaper.mjs'
        ${zombies}
        const [mine, other] = children().map(Number)
        const release = currentReaper().claim(mine)
        const reaped = []
        currentReaper().on('reaped', (orphan) => reaped.push(orphan))
        await until('the one that is not claimed', () => reaped.length === 1)
        await new Promise((resolve) => setTimeout(resolve, 300))
        const before = [zombies().map(Number), reaped.map(({ pid, code }) => [pid, code])]
        release()
        process.kill(process.pid, 'SIGCHLD')
        await until('the other', () => reaped.length === 2)
        console.log(JSON.stringify(before) === JSON.stringify([[mine], [[other, 4]]]), reaped[1].pid === mine, reaped[1].signal)
      `
      const node = [process.execPath, ...files.args(place === 'PID 1' ? 'register' : 'subreaper', program)]
      const running = start([...(place === 'PID 1' ? asPid1 : []), 'sh', '-c', "sh -c 'kill -HUP $$' & sh -c 'exit 4' & exec \"$@\"", 'sh', ...node])
      expect([await running.ended, running.text()]).toEqual([0, 'true true SIGHUP\n'])
    })

    test('it does not keep the program from ending, and the status is the program\'s', async () => {
      const running = run(place, 'process.exitCode = 9')
      expect([await running.ended, running.text()]).toEqual([9, ''])
    })
  })
}

describe.skipIf(asRoot)(`where /proc is of another PID namespace${asRoot ? `: ${asRoot}` : ''}`, () => {
  test('orphans are reaped, and children keep their codes', async () => {
    const program = `
      import { spawn } from 'node:child_process'
      import { currentReaper } from './reaper.mjs'
      let reaped = 0
      currentReaper().on('reaped', () => reaped++)
      const codes = await Promise.all(Array.from({ length: 100 }, (_, i) => new Promise((resolve) => spawn('sh', ['-c', '(sleep 0.1 &); (: &); exit ' + i], { stdio: 'ignore' }).on('exit', resolve))))
      for (let i = 0; i < 2000 && reaped < 200; i++) await new Promise((resolve) => setTimeout(resolve, 10))
      console.log(reaped, codes.every((code, i) => code === i))
    `
    const running = start(['unshare', '--pid', '--fork', '--kill-child', '--', process.execPath, ...files.args('register', program)])
    expect([await running.ended, running.text()]).toEqual([0, '200 true\n'])
  })
})

describe('elsewhere', () => {
  test('register does nothing where Node is not PID 1', async () => {
    const running = start([process.execPath, ...files.args('register', `
      import { currentReaper } from './reaper.mjs'
      console.log(currentReaper(), process.listenerCount('SIGTERM'))
      process.kill(process.pid, 'SIGTERM')
      setTimeout(() => {}, 10_000)
    `)])
    expect([await running.ended, running.text()]).toEqual(['SIGTERM', 'undefined 0\n'])
  })

  test('a Worker cannot have one, and inherits the preload without harm', async () => {
    const running = start([process.execPath, ...files.args('subreaper', `
      import { Worker, isMainThread } from 'node:worker_threads'
      import { currentReaper, startReaper } from './reaper.mjs'
      if (isMainThread) new Worker(new URL(import.meta.url))
      else try { startReaper() } catch (error) { console.log(currentReaper(), error.message) }
    `)])
    expect([await running.ended, running.text()]).toEqual([0, 'undefined Cannot reap in a Worker: signals and orphans come to the main thread\n'])
  })

  test('claim refuses what is no PID; a second start is the first; stop gives everything back', async () => {
    const running = start([process.execPath, ...files.args(undefined, `
      import { spawnSync } from 'node:child_process'
      import { currentReaper, startReaper } from './reaper.mjs'
      const reaper = startReaper({ subreaper: true, endOn: ['SIGTERM'] })
      try { reaper.claim(0) } catch (error) { console.log(error.message) }
      console.log(startReaper() === reaper, currentReaper() === reaper)
      reaper.stop()
      console.log(currentReaper())
      process.kill(process.pid, 'SIGTERM')
      setTimeout(() => {}, 10_000)
    `)])
    expect([await running.ended, running.text()]).toEqual(['SIGTERM', 'Cannot claim process 0: it is no PID\ntrue true\nundefined\n'])
  })
})
