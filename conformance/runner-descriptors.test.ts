import { closeSync, openSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { exec, find, run, start, type ContainerConfig, type RunningContainer } from '../apps/runner/src/index.ts'
import { expectNothingLeft, settled, type Snapshot } from '../apps/runner/test/leak-check.ts'
import { spy, type Seen } from '../apps/runner/test/spy.ts'
import { checkpoint, launch, openPidfd } from '../packages/launch/src/index.ts'

// T-FD1: who is in the container, as root, and looks at every process that comes in from outside (CVE-2016-9962, CVE-2024-21626). With
// CAP_SYS_PTRACE it may look, which is how it is known that it would see.

const prefix = `spy${process.pid}`
let before: Snapshot
beforeAll(async () => {
  await run({ rootfs: 'host', args: ['/bin/true'], name: prefix })
  before = await settled(prefix)
})

/** A container whose command spies; what it sees is added to the list. */
async function spied(config: Partial<ContainerConfig> = {}): Promise<{ container: RunningContainer; seen: Seen[] }> {
  const container = await start({ rootfs: 'host', args: [process.execPath, '-e', spy], name: `${prefix}x`, ...config }, { stdio: ['ignore', 'pipe', 'inherit'] })
  const seen: Seen[] = []
  let rest = ''
  container.stdout!.on('data', (chunk: Buffer) => {
    const lines = (rest + String(chunk)).split('\n')
    rest = lines.pop()!
    for (const line of lines) seen.push(JSON.parse(line) as Seen)
  })
  await expect.poll(() => seen.length).toBeGreaterThan(0)
  return { container, seen }
}

const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))
/** Pipes, sockets and descriptors of the kernel's own lead nowhere; what is executed is a sealed copy. /dev/null is given on purpose. */
const harmless = /^(pipe:|socket:|anon_inode:|\/memfd:|\/dev\/null$)/
const ofTheHost = (seen: readonly Seen[]) => seen.filter(({ target, foreign }) => target !== undefined && foreign && !harmless.test(target))

async function expectExecs(container: RunningContainer): Promise<void> {
  for (let i = 0; i < 200; i += 4) {
    await Promise.all(Array.from({ length: 4 }, async () => {
      const process = await exec(find(container.name), { args: ['/bin/true'] }, { stdio: 'ignore' })
      expect(await process.exited).toMatchObject({ exitCode: 0 })
    }))
  }
}

describe('a container that looks at every process', () => {
  test('sees no file of the host in 200 executed commands', { timeout: 120_000 }, async () => {
    const { container, seen } = await spied()
    await expectExecs(container)
    await container[Symbol.asyncDispose]()
    expect(ofTheHost(seen)).toEqual([])
  })

  test.each(['0:0', '1000:1000'])('nor at any call of a joining process that goes slowly, to become user %s', { timeout: 120_000 }, async (user) => {
    const { container, seen } = await spied({ init: true })
    await expect.poll(async () => {
      const process = await exec(find(container.name), { args: ['/bin/true'], user }, { stdio: 'ignore', step: () => pause(15) })
      await process.exited
      return seen.map(({ comm }) => comm)
    }, { timeout: 60_000 }).toContain('ctr-exec')
    await container[Symbol.asyncDispose]()
    expect(ofTheHost(seen)).toEqual([])
    // Links of the joining process itself: none.
    expect(seen.filter(({ comm, target }) => comm === 'ctr-exec' && target !== undefined && target !== '/usr/bin/true')).toEqual([])
  })

  test('would see one: it may look, and a process holds one', { timeout: 60_000 }, async () => {
    const { container, seen } = await spied({ capAdd: ['SYS_PTRACE'] })
    const [pidfd, leak] = [openPidfd(container.pid), openSync('/etc', 'r')]
    try {
      const process = await launch([...checkpoint('inside')], { join: { pidfd, namespaces: ['CLONE_NEWNS', 'CLONE_NEWPID'] }, pass: { leak }, stdio: 'ignore', name: 'leaky', checkpoints: { inside: () => expect.poll(() => ofTheHost(seen).map(({ comm }) => comm)).toContain('leaky') } })
      await process.exited
    } finally {
      closeSync(pidfd)
      closeSync(leak)
      await container[Symbol.asyncDispose]()
    }
    expect(ofTheHost(seen)).toContainEqual(expect.objectContaining({ comm: 'leaky', link: 'fd/N', foreign: true }))
  })

  test('and nothing is left', () => expectNothingLeft(prefix, before))
})
