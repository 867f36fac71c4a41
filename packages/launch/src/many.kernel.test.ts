import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { launch } from './index.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { all, node } from '../test/node-script.ts'
import { run, shell } from '../test/shell.ts'

const namespaces = ['CLONE_NEWPID', 'CLONE_NEWUTS', 'CLONE_NEWNS'] as const
await run('true')

test('500 in a row: no descriptor more, and no memory', { timeout: 60_000 }, async () => {
  const { lines, ended } = await node(`
    import { readdirSync } from 'node:fs'
    import { run } from '../test/shell.ts'
    const fds = () => readdirSync('/proc/self/fd').length
    const once = async () => { const { out } = await run('echo', { namespaces: ['CLONE_NEWPID', 'CLONE_NEWUTS', 'CLONE_NEWNS'] }); if (out !== '\\n') throw new Error(out) }
    const memory = () => { gc(); gc(); return process.memoryUsage() }
    for (let i = 0; i < 100; i++) await once()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const [open, before] = [fds(), memory()]
    for (let i = 0; i < 500; i++) await once()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const after = memory()
    console.log(fds() - open)
    console.log(Math.round((after.heapUsed - before.heapUsed + after.external - before.external) / 1024))
    console.log(Math.round((after.rss - before.rss) / 1024 / 1024))
  `, { wrap: ['env', 'NODE_OPTIONS=--expose-gc'] })
  const [fds, heapKilobytes, residentMegabytes] = (await all(lines)).map(Number)
  expect(await ended).toBe(0)
  expect(fds).toBe(0)
  expect(heapKilobytes).toBeLessThan(500)
  expect(residentMegabytes).toBeLessThan(20)
})

test('50 at once: each is itself, and nothing is left', async () => {
  const before = await census()
  const results = await Promise.all(Array.from({ length: 50 }, (_, i) => run(`echo ${i}; sleep 0.0$((${i} % 7)); exit ${i}`, { namespaces })))
  expect(results.map(({ out, exit }) => [out, exit.code])).toEqual(results.map((_, i) => [`${i}\n`, i]))
  await expectNothingLeft(before)
})

test('50 at once of which every other fails', async () => {
  const before = await census()
  const results = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => run('echo', { namespaces, ...(i % 2 === 0 ? { fault: { index: i % 8, when: 'before' as const } } : {}) })))
  expect(results.map(({ status }) => status)).toEqual(results.map((_, i) => (i % 2 === 0 ? 'rejected' : 'fulfilled')))
  await expectNothingLeft(before)
})

test('when descriptors run out, launches fail with EMFILE and leave nothing', async () => {
  const { lines, ended } = await node(`
    import { launch } from './index.ts'
    import { withFewDescriptors } from '../test/few-descriptors.ts'
    import { run, shell } from '../test/shell.ts'
    await run('true')
    const codes = new Set()
    const left = await withFewDescriptors(async () => {
      const p = await launch([shell('exit 0')], { namespaces: ['CLONE_NEWPID'], stdio: ['pipe', 'ignore', 'ignore'] }).catch((error) => { codes.add(error.code ?? error.message) })
      if (p) { p.stdin.destroy(); await p.closed; codes.add('started') }
    })
    console.log([...codes].join(), left.fds, left.children)
  `, { wrap: ['prlimit', '--nofile=100:100'] })
  expect(await all(lines)).toEqual(['EMFILE,started 0 0'])
  expect(await ended).toBe(0)
})

test('works in a Worker', async () => {
  const { lines, ended } = await node(`
    import { isMainThread, Worker } from 'node:worker_threads'
    import { fileURLToPath } from 'node:url'
    import { run } from '../test/shell.ts'
    if (isMainThread) new Worker(fileURLToPath(import.meta.url)).on('error', (error) => { throw error })
    else {
      const { out, exit } = await run('echo $$; exit 6', { namespaces: ['CLONE_NEWPID'] })
      console.log(JSON.stringify(out), exit.code)
    }
    process.on('warning', ({ message }) => console.log(message))
  `)
  expect(await all(lines)).toEqual(['"1\\n" 6'])
  expect(await ended).toBe(0)
})

test('children of child_process are not taken from it', async () => {
  const { spawn } = await import('node:child_process')
  const before = readdirSync('/proc/self/fd').length
  const others = Array.from({ length: 10 }, (_, i) => new Promise((resolve) => spawn('sh', ['-c', `exit ${i}`], { stdio: 'ignore' }).on('exit', resolve)))
  const ours = Array.from({ length: 10 }, async (_, i) => (await (await launch([shell(`exit ${i}`)], { stdio: 'ignore' })).exited).code)
  expect(await Promise.all(others)).toEqual(others.map((_, i) => i))
  expect(await Promise.all(ours)).toEqual(ours.map((_, i) => i))
  await expect.poll(() => readdirSync('/proc/self/fd').length).toBe(before)
})

test('where somebody else waits for all children, how it ended is not known, but that it did', async () => {
  const { lines, ended } = await node(`
    import { sys } from '@ctr/syscall'
    import { perform } from '@ctr/syscall/perform'
    import { launch } from './index.ts'
    import { shell } from '../test/shell.ts'
    const p = await launch([shell('sleep 0.2; exit 3')], { stdio: 'ignore', detached: true })
    perform([sys.waitid('P_ALL', -1, null, ['WEXITED'], 'whoever it is')])
    const { code, signal, status } = await p.exited
    console.log(code, signal, status, p.kill())
  `)
  expect(await all(lines)).toEqual(['null null 255 false'])
  expect(await ended).toBe(0)
})

test('what is detached and ends at once is left to whoever our own parent is', async () => {
  const { lines, ended } = await node(`
    import { readFileSync } from 'node:fs'
    import { launch } from './index.ts'
    import { shell } from '../test/shell.ts'
    for (const namespaces of [[], ['CLONE_NEWPID']]) {
      const p = await launch([shell('exit 3')], { stdio: 'ignore', detached: true, namespaces })
      for (let i = 0; i < 2000 && !/^State:\\s+Z/m.test(readFileSync('/proc/' + p.pid + '/status', 'utf8')); i++) await new Promise((resolve) => setTimeout(resolve, 10))
      // Whoever reaped it at its end would have done so by now.
      await new Promise((resolve) => setTimeout(resolve, 100))
      console.log(/^State:\\s+Z/m.test(readFileSync('/proc/' + p.pid + '/status', 'utf8')), (await p.exited).code)
    }
  `)
  expect(await all(lines)).toEqual(['true 3', 'true 3'])
  expect(await ended).toBe(0)
})
