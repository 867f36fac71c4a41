import { statSync } from 'node:fs'
import type { LaunchedProcess } from '@ctr/launch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { create } from '../../src/oci/lifecycle/create.ts'
import { exec } from '../../src/oci/lifecycle/exec.ts'
import { remove } from '../../src/oci/lifecycle/remove.ts'
import { OciStore } from '../../src/oci/state/oci-store.ts'
import { attack } from './attacker.ts'
import { until } from '../ctrun.ts'
import { lines } from '../inside.ts'
import { hasBusybox, OciBench, type BundleConfig } from './oci.ts'

// T-FD1, T-DUMP: root of a container that traces, and takes what it can get from, every process that comes in from outside
// (CVE-2016-9962, CVE-2024-21626). Each call of the joining process takes a while. With CAP_SYS_PTRACE and without a user namespace the
// attacker may: that is how it is known that it would.

const maps = [{ containerID: 0, hostID: 1000, size: 2000 }]

function inUserNamespace(config: BundleConfig): void {
  config.linux.namespaces.push({ type: 'user' })
  Object.assign(config.linux, { uidMappings: maps, gidMappings: maps })
  config.mounts = config.mounts.filter(({ type }) => type !== 'devpts')
}

function mayTrace(config: BundleConfig): void {
  config.process.capabilities = Object.fromEntries(Object.entries(config.process.capabilities).map(([name, set]) => [name, [...(set as string[]), 'CAP_SYS_PTRACE']]))
}

const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))
const slowly = { step: () => pause(10) }

describe.skipIf(!hasBusybox)('a container that attacks whatever joins it', { timeout: 120_000 }, () => {
  let bench: OciBench
  let store: OciStore
  beforeAll(async () => {
    bench = await OciBench.make()
    store = new OciStore(bench.root)
  })
  afterAll(() => bench.remove())
  const id = `joining-${process.pid}`
  const removed = (name: string) => remove(store, name, { force: true, warn: () => {} })

  /** What the attacker got of processes that are still ours, and whether it met one, while something was done to its container. */
  async function attacked(change: (config: BundleConfig) => void, body: (attacker: LaunchedProcess) => Promise<unknown>): Promise<string[]> {
    const attacker = await create({ store, id, bundle: bench.bundle('', (config) => { attack(config); change(config) }), waits: false, stdio: 'pipe' })
    const seen: string[] = []
    void (async () => { for await (const line of lines(attacker.stdout!)) seen.push(line) })().catch(() => {})
    try {
      await until(() => seen.includes('ready'), 'the attacker runs')
      await body(attacker)
    } finally {
      await removed(id)
      await attacker.exited
      for (const stream of [attacker.stdin, attacker.stdout, attacker.stderr]) stream?.destroy()
    }
    return seen.filter((line) => line.startsWith('ctr-oci'))
  }

  async function joins(user: Record<string, number>): Promise<void> {
    const process = await exec({ store, id, process: (own) => ({ ...own!, args: ['/bin/sleep', '0.1'], user }), stdio: 'ignore', weave: slowly })
    await process.exited
  }

  const root = { uid: 0, gid: 0 }
  test.each([
    ['as root', () => {}, root], ['as a user', () => {}, { uid: 1000, gid: 1000 }], ['into a user namespace', inUserNamespace, root],
    ['into a user namespace whose root may trace all that is in it', (config: BundleConfig) => { inUserNamespace(config); mayTrace(config) }, { uid: 7, gid: 7 }],
  ] as const)('exec %s: nothing of the joining process is to be had, at no call', async (_, change, user) => {
    expect(await attacked(change, () => joins(user))).toEqual(['ctr-oci seen'])
  })

  test('a container that is made in its PID namespace is out of reach, too', async () => {
    const second = `${id}-second`
    const seen = await attacked(() => {}, async ({ pid }) => {
      const bundle = bench.bundle('', (config) => {
        config.linux.namespaces = config.linux.namespaces.map((each) => (each.type === 'pid' ? { type: 'pid', path: `/proc/${pid}/ns/pid` } : each))
        config.process.args = ['/bin/sleep', '0.1']
      })
      const process = await create({ store, id: second, bundle, waits: false, stdio: 'ignore', weave: { step: () => pause(2) } })
      await process.exited
      await removed(second)
    })
    expect(seen).toEqual(['ctr-oci seen'])
  })

  test('the attacker would get hold of a process that it may trace', async () => {
    const seen = await attacked(mayTrace, () => joins(root))
    expect(seen).toContain('ctr-oci: traced')
    expect(seen).toContain('ctr-oci: descriptor 1')
  })

  // The kernel gives the files of /proc/PID to root where the process is not dumpable, and else to its user (proc_pid(5)).
  test.each([['in a container', () => {}], ['in one with a user namespace', inUserNamespace]] as const)('a process that is set up %s is not dumpable at any call; its command is', async (_, change) => {
    const owners = new Map<number, number[]>()
    const watch = { step: (index: number, _call: unknown, { pid }: LaunchedProcess) => { if (pid > 0) owners.set(index, [...(owners.get(index) ?? []), statSync(`/proc/${pid}/environ`).uid]) } }
    const user = { uid: 7, gid: 7 }
    const bundle = bench.bundle('', (config) => { change(config); config.process.args = ['/bin/sleep', '1000']; config.process.user = user })
    const first = await create({ store, id, bundle, waits: false, stdio: 'ignore', weave: watch })
    const joined = await exec({ store, id, process: (own) => own!, stdio: 'ignore', weave: watch })
    const kernel = change === inUserNamespace ? 1007 : 7
    expect([first.pid, joined.pid].map((pid) => statSync(`/proc/${pid}/environ`).uid)).toEqual([kernel, kernel])
    // The first of a PID namespace ends when nobody is left in it, waited for.
    await Promise.all([joined.exited, removed(id)])
    expect(owners.size).toBeGreaterThan(100)
    expect([...owners].filter(([, each]) => each.some((owner) => owner !== 0))).toEqual([])
  })

  test('nothing is left', () => { expect(bench.left()).toEqual([]) })
})
