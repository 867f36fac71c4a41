import { closeSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { procs } from '../packages/cgroup/src/index.ts'
import { create } from '../apps/runner/src/oci/lifecycle/create.ts'
import { exec, type ExecOptions } from '../apps/runner/src/oci/lifecycle/exec.ts'
import { remove } from '../apps/runner/src/oci/lifecycle/remove.ts'
import { OciStore } from '../apps/runner/src/oci/state/oci-store.ts'
import { groupOfState, statusOf } from '../apps/runner/src/oci/state/status.ts'
import { hasBusybox, OciBench, type BundleConfig } from '../apps/runner/test/oci/oci.ts'

// Joining a container of a bundle fails at each call, before it is made and after it was, and is killed at each: the container goes on,
// with nothing in it that was not before, and nothing of ours is left open.

const maps = [{ containerID: 0, hostID: 1000, size: 2000 }]
const variants: Readonly<Record<string, { readonly config?: (config: BundleConfig) => void; readonly process: object }>> = {
  'a command': { process: {} },
  'a command with a terminal, a user and a filter, in a user namespace': {
    config: (config) => {
      config.linux.namespaces.push({ type: 'user' }, { type: 'cgroup' })
      Object.assign(config.linux, { uidMappings: maps, gidMappings: maps, seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['ptrace'], action: 'SCMP_ACT_ERRNO' }] } })
      config.mounts = config.mounts.map((mount) => (mount.type === 'devpts' ? { ...mount, options: mount.options.filter((option) => !option.startsWith('gid=')) } : mount))
    },
    process: { terminal: true, user: { uid: 7, gid: 7 } },
  },
}

describe.skipIf(!hasBusybox).each(Object.entries(variants))('%s', (title, { config = () => {}, process: more }) => {
  let bench: OciBench
  let store: OciStore
  const id = `join-${process.pid}-${title.length}`
  beforeAll(async () => {
    bench = await OciBench.make()
    store = new OciStore(bench.root)
    await create({ store, id, bundle: bench.bundle('', (each) => { config(each); each.process.args = ['/bin/sleep', '1000'] }), waits: false, stdio: 'ignore' })
  })
  afterAll(() => bench.remove())

  async function attempt(weave: ExecOptions['weave'] = {}) {
    const masters: number[] = []
    try {
      const process = await exec({ store, id, process: (own) => ({ ...own!, args: ['/bin/true'], ...more }), stdio: 'ignore', weave, onTerminal: (master) => masters.push(master) })
      await process.exited
      await process.closed
      return { told: 'it ran', plan: process.plan }
    } catch (error) {
      const { code, index } = error as { code?: string; index?: number }
      return { told: index === undefined ? String(error) : `${code} at ${index}` }
    } finally {
      for (const master of masters) closeSync(master)
    }
  }

  const descriptors = () => readdirSync('/proc/self/fd').length
  const children = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')

  test('fails before and after each call, and is killed at each', { timeout: 240_000 }, async () => {
    const { plan, told } = await attempt()
    expect(told).toBe('it ran')
    const { program } = plan!
    const [opened, born] = [descriptors(), children()]
    const wrong: string[] = []
    for (const [index, { name }] of program.entries()) {
      const kill: ExecOptions['weave'] = {
        step: async (at, _call, process) => {
          if (at !== index) return
          process.kill()
          await process.exited
        },
      }
      const expectations: readonly (readonly [ExecOptions['weave'], string])[] = [
        [{ fault: { index, when: 'before' } }, `ENOSYS at ${index}`],
        // Nothing comes after an execve that succeeds.
        [{ fault: { index, when: 'after' } }, index === program.length - 1 ? 'it ran' : `ENOSYS at ${index}`],
        // The capabilities of the bounding set go in a long row of calls that are all the same.
        ...(index === 0 || (name === 'prctl' && index % 8 > 0) ? [] : [[kill, `SIGKILL at ${index}`] as const]),
      ]
      for (const [weave, expected] of expectations) {
        const { told } = await attempt(weave)
        if (told !== expected) wrong.push(`${index} ${name}: ${told}, not ${expected}`)
      }
      if (wrong.length > 20) break
    }
    expect(wrong).toEqual([])
    await expect.poll(descriptors).toBe(opened)
    expect(children()).toBe(born)
    const state = store.find(id)
    expect(statusOf(store, state)).toBe('running')
    expect(procs(groupOfState(state))).toEqual([state.process!.pid])
  })

  test('nothing is left', async () => {
    const { stdout, code } = await bench.oci('exec', id, 'sh', '-c', 'ls -d /proc/[0-9]* | grep -c .')
    // The first process, the shell, ls and grep.
    expect([code, stdout]).toEqual([0, '4\n'])
    await remove(store, id, { force: true, warn: () => {} })
    expect(bench.left()).toEqual([])
  })
})
