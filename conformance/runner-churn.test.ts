import { beforeAll, expect, test } from 'vitest'
import { run } from '../apps/runner/src/index.ts'
import { expectNothingLeft, settled, type Snapshot } from '../apps/runner/test/leak-check.ts'
import { all, node, nodeScript } from '../packages/launch/test/node-script.ts'

const prefix = `churn${process.pid}`
let before: Snapshot

beforeAll(async () => {
  await nodeScript('')
  await run({ rootfs: 'host', args: ['/bin/true'], name: prefix })
  before = await settled(prefix)
})

interface Report {
  readonly exits: readonly number[]
  readonly warnings: readonly string[]
  readonly descriptors: readonly [before: number, after: number]
  readonly memory: readonly { readonly heapUsed: number; readonly rss: number }[]
  readonly resources: readonly string[]
}

/**
 * A Node process that does nothing but run containers, and says what became of it. V8 doubles the space for young objects when much
 * of it survives, up to 16 MB, at a moment of its own: this is as large as a leak that matters would be, so that space stays as it is.
 */
async function report(work: string): Promise<Report> {
  const { lines, ended } = await node(`
    import { readdirSync } from 'node:fs'
    import { setFlagsFromString } from 'node:v8'
    import { runInNewContext } from 'node:vm'
    import { run } from '../../../apps/runner/src/index.ts'
    const warnings = [], exits = [], memory = []
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc')
    process.on('warning', (warning) => warnings.push(String(warning)))
    const once = async (i, more = {}) => { exits.push((await run({ rootfs: 'host', args: ['/bin/sh', '-c', 'exit 7'], name: '${prefix}n' + i, ...more })).exitCode) }
    const settled = () => new Promise((resolve) => setTimeout(resolve, 200))
    const count = () => readdirSync('/proc/self/fd').length
    await once(0)
    await once(0, { tty: true, init: true })
    exits.length = 0
    await settled()
    const first = count()
    ${work}
    await settled()
    const resources = process.getActiveResourcesInfo().filter((kind) => kind !== 'PipeWrap' && kind !== 'TTYWrap' && kind !== 'Timeout')
    console.log(JSON.stringify({ exits, warnings, descriptors: [first, count()], memory, resources }))`, { env: { ...process.env, NODE_OPTIONS: '--max-semi-space-size=2' } })
  const text = (await all(lines)).at(-1)
  expect(await ended).toBe(0)
  return JSON.parse(text!) as Report
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!

test('200 in a row: nothing is left, descriptors and memory stay flat', { timeout: 120_000 }, async () => {
  const { exits, warnings, descriptors, memory, resources } = await report(`
    for (let i = 0; i < 60; i++) await once(i)
    exits.length = 0
    for (let i = 0; i < 200; i++) {
      await once(i, i % 10 === 9 ? { tty: true } : i % 10 === 4 ? { init: true } : {})
      if (i % 5 !== 0) continue
      collectGarbage()
      const { heapUsed, rss } = process.memoryUsage()
      memory.push({ heapUsed, rss })
    }`)
  expect(exits).toEqual(new Array(200).fill(7))
  expect(warnings).toEqual([])
  expect(descriptors[1]).toBe(descriptors[0])
  expect(resources).toEqual([])
  const quarters = [0, 10, 20, 30].map((from) => memory.slice(from, from + 10))
  // 50 containers between two medians: what is left of each must be less than 60 KB of the process, 10 KB of V8's objects and code.
  for (const [kind, most] of [['rss', 3 * 2 ** 20], ['heapUsed', 2 ** 19]] as const) {
    const [first, second, third, last] = quarters.map((quarter) => median(quarter.map((sample) => sample[kind])))
    console.log(`${kind}, median of each quarter: ${[first, second, third, last].map((bytes) => `${(bytes! / 2 ** 20).toFixed(2)} MiB`).join(', ')}`)
    expect(last! - third!, kind).toBeLessThan(most)
  }
  await expectNothingLeft(prefix, before)
})

test('50 at once, four times: nothing is left', { timeout: 120_000 }, async () => {
  const { exits, warnings, descriptors } = await report(`
    for (let round = 0; round < 4; round++) await Promise.all(Array.from({ length: 50 }, (_, i) => once(i, { tty: i % 10 === 9, init: i % 10 === 4 })))`)
  expect(exits).toEqual(new Array(200).fill(7))
  expect(warnings).toEqual([])
  expect(descriptors[1]).toBe(descriptors[0])
  await expectNothingLeft(prefix, before)
})
