import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start } from '../apps/runner/src/index.ts'
import { image } from '../apps/runner/test/image.ts'
import { settled, expectNothingLeft, type Snapshot } from '../apps/runner/test/leak-check.ts'
import { variants } from '../apps/runner/test/variants.ts'
import { nodeScript } from '../packages/launch/test/node-script.ts'
import { compareWithStrace } from './strace.ts'

const missing = spawnSync('strace', ['-V']).error !== undefined
const prefix = `strace${process.pid}`
const root = image()
afterAll(() => root.remove())

const imports = `import { exec, find, start } from '../../../apps/runner/src/index.ts'`

/** A script that runs a container. */
const container = (config: object) => `${imports}
  const container = await start(${JSON.stringify(config)}, { stdio: 'ignore' })
  container.stdout?.resume()
  await container.exited
  console.log(JSON.stringify(container.plan))`

/** The container's own process, and the other sides of its clone3: who watches, and what becomes init. */
async function compare(script: string): Promise<void> {
  const sides = await compareWithStrace(script)
  for (const { traced, explained } of sides) expect(traced).toEqual(explained)
  expect(sides[0]!.traced.length).toBeGreaterThan(20)
}

describe.skipIf(missing)(`strace sees what explain says${missing ? ': needs strace' : ''}`, () => {
  let before: Snapshot
  beforeAll(async () => {
    // Building a script starts a process that stays.
    await nodeScript('')
    before = await settled(prefix)
  })

  const cases: Record<string, object> = {
    ...variants(root.directory),
    init: { rootfs: 'host', init: true },
    terminal: { rootfs: 'host', tty: true, user: '1000:1000' },
    'a name that is looked for in PATH': { rootfs: 'host', args: ['true'] },
    'PID namespace of the host': { rootfs: 'host', pid: 'host' },
  }
  test.each(Object.entries(cases))('%s', { timeout: 60_000 }, (_title, config) => compare(container({ args: ['/bin/true'], ...config, name: `${prefix}x` })))

  test.each([['a command', {}], ['a command with a terminal and a user', { tty: true, user: '1000:1000', cwd: '/tmp' }]])('%s executed in a container', { timeout: 60_000 }, async (_title, config) => {
    await using container = await start({ rootfs: 'host', args: ['/bin/sleep', '1000'], name: `${prefix}e` }, { stdio: 'ignore' })
    await compare(`${imports}
      const executed = await exec(find('${container.name}'), { args: ['/bin/true'], ...${JSON.stringify(config)} }, { stdio: 'ignore' })
      executed.stdout?.resume()
      await executed.exited
      console.log(JSON.stringify(executed.plan))`)
  })

  test('nothing is left', () => expectNothingLeft(prefix, before))
})
