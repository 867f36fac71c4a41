import { spawn, spawnSync } from 'node:child_process'
import { cgroups, create, deleteNow, group } from '@ctr/cgroup'
import { describe, expect, onTestFinished, test } from 'vitest'
import { oomNotices } from '../../src/oci/lifecycle/oom-notices.ts'
import { lines } from '../inside.ts'
import { hasBusybox, type BundleConfig, type OciBench } from './oci.ts'
import { oneContainer } from './one-container.ts'

const small = (config: BundleConfig) => { config.linux.resources['memory'] = { limit: 24 * 2 ** 20, swap: 24 * 2 ** 20 } }

describe.skipIf(!hasBusybox)(`events of a container, on ${cgroups().mode}`, { timeout: 120_000 }, () => {
  let bench: OciBench
  const id = `events-${process.pid}`
  oneContainer(id, (made) => { bench = made })

  /** A container that was created, and its events, of which the first one has come. */
  async function watched(script: string): Promise<{ readonly next: () => Promise<unknown>; readonly ended: Promise<number | null> }> {
    expect(await bench.detached('create', '--bundle', bench.bundle(script, small), id)).toBe(0)
    const [command, ...words] = bench.argv('events', '--interval=1h', id)
    const child = spawn(command!, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    const read = lines(child.stdout)
    const next = async () => {
      const { value } = await read.next()
      return value === undefined ? 'no more' : JSON.parse(value) as unknown
    }
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    expect(await next()).toMatchObject({ type: 'stats', id, data: { memory: { usage: { limit: 24 * 2 ** 20 } } } })
    return { next, ended }
  }

  test('each time that memory has run out, and the end', async () => {
    const { next, ended } = await watched('for i in 1 2; do (tail /dev/zero) 2>/dev/null; done; sleep 1000')
    expect(await bench.oci('start', id)).toMatchObject({ code: 0 })
    expect([await next(), await next()]).toEqual([{ type: 'oom', id }, { type: 'oom', id }])
    expect((await bench.oci('kill', id, 'KILL')).code).toBe(0)
    expect((await bench.oci('delete', '--force', id)).code).toBe(0)
    expect([await next(), await ended]).toEqual(['no more', 0])
  })

  test('also where that is the end of the container', async () => {
    const { next, ended } = await watched('exec tail /dev/zero')
    expect(await bench.oci('start', id)).toMatchObject({ code: 0 })
    expect(await next()).toEqual({ type: 'oom', id })
    expect((await bench.oci('delete', id)).code).toBe(0)
    expect([await next(), await ended]).toEqual(['no more', 0])
  })

  test('none where it only ends', async () => {
    const { next, ended } = await watched('sleep 1000')
    expect((await bench.oci('delete', '--force', id)).code).toBe(0)
    expect([await next(), await ended]).toEqual(['no more', 0])
  })
})

const layout = cgroups()
const first = layout.hierarchies.some(({ version, controllers }) => version === 1 && controllers.includes('memory'))

test.skipIf(!first)('a group that runs out of memory and is removed before anybody looks has not done so in silence (cgroup v1)', async () => {
  const own = create(group(layout, `/ctrun-oci-oom-${process.pid}`), { limits: { memoryBytes: 8 * 2 ** 20, memorySwapBytes: 8 * 2 ** 20 } })
  onTestFinished(() => void deleteNow(own))
  const end = new AbortController()
  const notices = oomNotices(own, end.signal)
  const tasks = own.places.map(({ directory }) => `${directory}/cgroup.procs`)
  expect(spawnSync('sh', ['-c', `for file in ${tasks.join(' ')}; do echo $$ > $file; done; exec tail /dev/zero`])).toMatchObject({ signal: 'SIGKILL' })
  expect(deleteNow(own)).toEqual([])
  const told: number[] = []
  for await (const count of notices) told.push(count)
  expect(told).toEqual([1])
})

test('an end that is asked for is one', async () => {
  const own = create(group(layout, `/ctrun-oci-oom-end-${process.pid}`))
  onTestFinished(() => void deleteNow(own))
  const end = new AbortController()
  const all = (async () => { for await (const count of oomNotices(own, end.signal)) throw new Error(`${count}`) })()
  setImmediate(() => end.abort())
  await all
})
