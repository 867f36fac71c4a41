import { beforeAll, describe, expect, test } from 'vitest'
import { exec, find, run, start, type ExecOptions } from '../apps/runner/src/index.ts'
import { expectNothingLeft, settled, snapshot, type Snapshot } from '../apps/runner/test/leak-check.ts'

// Joining a container fails at each call, and is killed at each: the container goes on, with nothing in it that was not before.

const prefix = `join${process.pid}`
let before: Snapshot
beforeAll(async () => {
  await run({ rootfs: 'host', args: ['/bin/true'], name: prefix, tty: true })
  before = await settled(prefix)
})

describe.each([['a command', {}], ['a command with a terminal and a user', { tty: true, user: '1000:1000' }]])('%s', (_title, more) => {
  const config = { args: ['/bin/true'], ...more }

  async function attempt(name: string, options: ExecOptions): Promise<string> {
    try {
      const process = await exec(find(name), config, { stdio: 'ignore', ...options })
      process.stdout?.resume()
      await process.exited
      return 'it ran'
    } catch (error) {
      const { code, index } = error as { code?: string; index?: number }
      return index === undefined ? String(error) : `${code} at ${index}`
    }
  }

  test('fails before and after each call, and is killed at each', { timeout: 240_000 }, async () => {
    await using container = await start({ rootfs: 'host', args: ['/bin/sleep', '1000'], name: `${prefix}x` }, { stdio: 'ignore' })
    const first = await exec(find(container.name), config, { stdio: 'ignore' })
    first.stdout?.resume()
    await first.exited
    const { program } = first.plan
    const running = await settled(prefix)
    const kill = (index: number): ExecOptions => ({
      step: async (at, _call, process) => {
        if (at !== index) return
        process.kill()
        await process.exited
      },
    })
    const wrong: string[] = []
    for (const [index, { name }] of program.entries()) {
      const expectations: readonly [ExecOptions, string][] = [
        [{ fault: { index, when: 'before' } }, `ENOSYS at ${index}`],
        [{ fault: { index, when: 'after' } }, index === program.length - 1 ? 'it ran' : `ENOSYS at ${index}`],
        ...(index === 0 ? [] : [[kill(index), `SIGKILL at ${index}`] as [ExecOptions, string]]),
      ]
      for (const [options, expected] of expectations) {
        const told = await attempt(container.name, options)
        if (told !== expected) wrong.push(`${index} ${name}: ${told}, not ${expected}`)
      }
    }
    expect(wrong).toEqual([])
    await expectNothingLeft(prefix, running)
    expect(find(container.name).status).toBe('running')
    expect(snapshot(prefix).process).toEqual(running.process)
  })

  test('nothing is left', () => expectNothingLeft(prefix, before))
})
