import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ociPlan } from '../apps/runner/src/oci/container.ts'
import { prepare } from '../apps/runner/src/oci/lifecycle/prepare.ts'
import { remove } from '../apps/runner/src/oci/lifecycle/remove.ts'
import { OciStore } from '../apps/runner/src/oci/state/oci-store.ts'
import { until } from '../apps/runner/test/ctrun.ts'
import { ended, groupsOf, hasBusybox, OciBench } from '../apps/runner/test/oci/oci.ts'
import { nodeScript } from '../packages/launch/test/node-script.ts'

// The runtime is killed while its container waits at a call, and in each hook, as it creates, starts and deletes. What is left ends by
// itself, or is found by `delete --force`; afterwards there is nothing.

const script = `
  import { writeSync } from 'node:fs'
  import { create } from '../../../apps/runner/src/oci/lifecycle/create.ts'
  import { OciStore } from '../../../apps/runner/src/oci/state/oci-store.ts'
  const { root, id, bundle, call } = JSON.parse(process.env.CREATOR)
  const here = (process) => { writeSync(1, process.pid + '\\n'); return new Promise(() => setInterval(() => {}, 60_000)) }
  await create({ store: new OciStore(root), id, bundle, stdio: 'ignore', weave: { step: (index, _call, process) => (index === call ? here(process) : undefined) } })
`

const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length

describe.skipIf(!hasBusybox)('the runtime is killed', { timeout: 120_000 }, () => {
  let bench: OciBench
  let store: OciStore
  let file = ''
  beforeAll(async () => {
    bench = await OciBench.make()
    store = new OciStore(bench.root)
    file = await nodeScript(script)
  })
  afterAll(() => bench.remove())
  const id = `killed-${process.pid}`

  async function expectNothing(what: string): Promise<void> {
    expect([what, await bench.oci('delete', '--force', id)]).toEqual([what, expect.objectContaining({ code: 0, stderr: '' })])
    expect([what, bench.left(), groupsOf(id)]).toEqual([what, [], []])
  }

  async function killed(child: ChildProcess): Promise<void> {
    const closed = once(child, 'exit')
    child.kill('SIGKILL')
    await closed
  }

  test('as it creates, at every checkpoint and at calls between: delete --force leaves nothing', async () => {
    const bundle = bench.bundle('sleep 1000')
    const { program } = ociPlan(prepare({ id, bundle, keyring: 'a keyring' }).container)
    // The last call that it makes for itself: behind it, the process reads from its FIFO until somebody starts it.
    const last = program.findLastIndex(({ name }) => name === 'read')
    const calls = [...program.entries()].slice(0, last + 1).flatMap(([index, { name }]) => (index > 0 && (['clone3', 'pivot_root', 'read', 'execve'].includes(name) || index % 25 === 1) ? [index] : []))
    const before = mounts()
    const wrong: string[] = []
    for (const call of calls) {
      const creator = spawn(process.execPath, [file], { env: { ...process.env, CREATOR: JSON.stringify({ root: bench.root, id, bundle, call }) }, stdio: ['ignore', 'pipe', 'inherit'] })
      const pid = Number(String((await once(creator.stdout!, 'data'))[0]))
      await killed(creator)
      // Who waits at a call sees the end of a socket, whether it is a container already or not.
      await until(() => ended(pid), `the process ends by itself at call ${call}, ${program[call]!.name}`)
      await remove(store, id, { force: true, warn: () => {} })
      for (const left of [...bench.left(), ...groupsOf(id)]) wrong.push(`${call} ${program[call]!.name}: ${left}`)
    }
    expect(wrong).toEqual([])
    expect(mounts()).toBe(before)
    expect(calls.length).toBeGreaterThan(10)
  })

  // Each kills its parent, the first time that it runs.
  const hook = (mark: string) => ({ path: '/bin/sh', args: ['sh', '-c', `test -e ${mark} || { : > ${mark}; kill -9 $PPID; sleep 1; }`], env: ['PATH=/usr/bin:/bin'] })

  test.each(['prestart', 'createRuntime', 'poststart', 'poststop'])('in a %s hook: delete --force leaves nothing', async (kind) => {
    const mark = join(bench.directory, `mark-${kind}`)
    const bundle = bench.bundle('sleep 1000', (config) => { config.hooks = { [kind]: [hook(mark)] } })
    const codes = [await bench.detached('create', '--bundle', bundle, id)]
    if (kind.startsWith('post')) codes.push(await bench.detached('start', id))
    if (kind === 'poststop') codes.push(await bench.detached('delete', '--force', id))
    expect([codes.at(-1), existsSync(mark)]).toEqual([null, true])
    await expectNothing(kind)
  })

  test('between the claim of a start and the start: it runs nothing, cannot be started twice, and is gone with delete --force', async () => {
    const bundle = bench.bundle(': > /tmp/ran; sleep 1000', (config) => { config.hooks = { startContainer: [{ path: '/bin/sleep', args: ['sleep', '1000'] }] } })
    await bench.detached('create', '--bundle', bundle, id)
    const [command, ...words] = bench.argv('start', id)
    const starter = spawn(command!, words, { stdio: 'ignore' })
    await until(() => existsSync(`${store.path(id, 'start')}.claimed`), 'the start is claimed')
    await killed(starter)
    expect(await bench.oci('start', id)).toMatchObject({ code: 1 })
    expect(existsSync(join(bench.rootfs, 'tmp/ran'))).toBe(false)
    await expectNothing('start')
  })

  test('as it deletes, before any of its steps: another delete --force does the rest', async () => {
    const bundle = bench.bundle('sleep 1000')
    const state = () => store.find(id)
    const steps: readonly (() => void)[] = [
      () => process.kill(state().process!.pid, 'SIGKILL'),
      () => writeFileSync(store.path(id, 'state'), ''),
      () => writeFileSync(store.path(id, 'config'), ''),
      () => writeFileSync(`${store.path(id, 'state')}.new`, '{'),
    ]
    for (const step of steps) {
      await bench.detached('create', '--bundle', bundle, id)
      const { pid } = state().process!
      step()
      const { code } = await bench.oci('delete', '--force', id)
      expect([String(step), code, bench.left(), groupsOf(id)]).toEqual([String(step), 0, [], []])
      await until(() => ended(pid), 'its process ends')
    }
  })
})
