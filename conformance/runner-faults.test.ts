import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { container, containerPlan, readFacts, run, start, type ContainerConfig, type StartOptions } from '../apps/runner/src/index.ts'
import { image } from '../apps/runner/test/image.ts'
import { expectNothingLeft, settled, type Snapshot } from '../apps/runner/test/leak-check.ts'
import { counts, leftOf } from '../apps/runner/test/quick-check.ts'
import { variants } from '../apps/runner/test/variants.ts'

// Each call of each composition fails, before it is made or after it was, and the process is killed at each. What the other side of
// clone3 does is made only when we are dead: that is in runner-killed.test.ts.

const prefix = `fault${process.pid}`
const root = image()
let before: Snapshot
afterAll(() => root.remove())

beforeAll(async () => {
  // What is loaded and opened once.
  for (const config of Object.values(variants(root.directory))) await run({ ...config, args: ['/bin/true'], name: prefix })
  before = await settled(prefix)
})

/** What `start` throws; a container that runs is waited for. */
async function failure(config: ContainerConfig, options: StartOptions): Promise<unknown> {
  try {
    const running = await start(config, options)
    running.stdout?.resume()
    await running.exited
    running.stdout?.destroy()
    return undefined
  } catch (error) {
    return error
  }
}

describe.each(Object.entries(variants(root.directory)))('%s', (title, options) => {
  const config = { ...options, args: ['/bin/true'], stopTimeoutSeconds: 1 }
  const name = `${prefix}${title.replaceAll(' ', '')}`
  const { program } = containerPlan(container({ ...config, name }, readFacts({ ...config, name }, `/run/ctrun/${name}/root`)))
  const calls = program.map((_, index) => index)

  /** Runs once for each call; what is wrong is listed as a whole, for one mistake shows at many calls. */
  async function each(indexes: readonly number[], options: (index: number) => StartOptions, expected: { readonly code: string; readonly runs?: number }): Promise<void> {
    const wrong: string[] = []
    const first = counts()
    for (const index of indexes) {
      if (wrong.length > 20) break
      const error = (await failure({ ...config, name }, options(index))) as { index?: number; code?: string } | undefined
      const told = error === undefined ? 'it ran' : `${error.code} at ${error.index}`
      if (told !== (index === expected.runs ? 'it ran' : `${expected.code} at ${index}`)) wrong.push(`${index} ${program[index]!.name}: ${told}${error?.index === undefined ? ` ${error as Error}` : ''}`)
      for (const left of await leftOf(name, first)) wrong.push(`${index} ${program[index]!.name}: left ${left}`)
    }
    expect(wrong).toEqual([])
    await expectNothingLeft(prefix, before)
  }

  test(`fails before each of ${program.length} calls`, () => each(calls, (index) => ({ fault: { index, when: 'before' } }), { code: 'ENOSYS' }), 120_000)

  // Nothing comes after an execve that succeeds.
  test('fails after each call', () => each(calls, (index) => ({ fault: { index, when: 'after' } }), { code: 'ENOSYS', runs: calls.length - 1 }), 120_000)

  // With init, PID 1 is another program than the one that comes to the last execve: it is the container that was killed, not its start.
  test('is killed at every call', () => each(calls.slice(1), (index) => ({
    step: async (at, _call, process) => {
      if (at !== index) return
      process.kill()
      await process.exited
    },
  }), { code: 'SIGKILL', ...(config.init ? { runs: calls.length - 1 } : {}) }), 240_000)
})
