import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { container, containerPlan, find, list, readFacts, run, sweep, type ContainerConfig } from '../apps/runner/src/index.ts'
import { becomeSubreaper, reapAdopted } from '../apps/runner/test/adopt.ts'
import { difference, settled, snapshot, type Snapshot } from '../apps/runner/test/leak-check.ts'
import { buildOwner, killOwner, owner, type OwnerOptions } from '../apps/runner/test/owner.ts'
import { descendants } from '../apps/runner/test/processes.ts'

// Nothing of the owner runs any more: what cleans up is the process on the other side of clone3, and where there is none, the next start.

const prefix = `kill${process.pid}`
const name = `${prefix}x`
const own = new Set<number>()
const owners: ChildProcess[] = []
let before: Snapshot

beforeAll(async () => {
  becomeSubreaper()
  await buildOwner()
  await run({ rootfs: 'host', args: ['/bin/true'], name })
  before = await settled(prefix)
})

async function owning(options: OwnerOptions): Promise<ChildProcess> {
  const child = await owner(options)
  own.add(child.pid!)
  owners.push(child)
  return child
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** What is left, when it is nothing, or in the end. */
async function left(millis = 20_000): Promise<string[]> {
  for (const end = performance.now() + millis; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    reapAdopted(own)
    const found = difference(before, snapshot(prefix))
    if (found.length === 0 || performance.now() > end) return found
  }
}

afterEach(async () => {
  // One failure must not be the next one's too.
  for (const child of owners.splice(0)) if (child.exitCode === null && child.signalCode === null) await killOwner(child)
  for (const { pid } of descendants()) if (!own.has(pid) && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`/ctrun-${prefix}`)) killIfThere(pid)
  reapAdopted(own)
  await sweep()
})

const config: ContainerConfig & { readonly name: string } = { rootfs: 'host', args: ['/bin/sleep', '1000'], name }
const stride = 12

const compositions: Readonly<Record<string, typeof config>> = { default: config, 'init and terminal': { ...config, init: true, tty: true }, 'PID namespace of the host': { ...config, pid: 'host' } }

describe.each(Object.entries(compositions))('%s', (title, config) => {
  const { program } = containerPlan(container(config, readFacts(config, `/run/ctrun/${name}/root`)))
  // Before it, nobody else is there to clean up.
  const clone = program.findIndex((call) => call.name === 'clone3')
  const special = program.flatMap((call, index) => (call.name === 'clone3' || call.name === 'pivot_root' ? [index - 1, index, index + 1, index + 2] : call.name === 'read' || call.name === 'execve' ? [index] : []))
  const calls = [...new Set([...program.keys()].filter((index) => title === 'default' && index % stride === 1).concat(special))].filter((index) => index > 0 && index < program.length).sort((a, b) => a - b)

  test(`its owner is killed at calls ${calls.join(', ')} of ${program.length}`, async () => {
    const wrong: string[] = []
    for (const call of calls) {
      await killOwner(await owning({ config, call }))
      if (call <= clone) await sweep()
      for (const line of await left()) wrong.push(`${call} ${program[call]!.name}: ${line}`)
    }
    expect(wrong).toEqual([])
  }, 120_000)

  test('its owner is killed while it runs', async () => {
    const command = ['/bin/sh', '-c', 'setsid sleep 1000 & sleep 1000 & wait']
    await killOwner(await owning({ config: { ...config, args: command } }))
    expect(await left()).toEqual([])
  })

  test('its owner is killed while a command is executed in it', async () => {
    await killOwner(await owning({ config, exec: ['/bin/sh', '-c', 'sleep 1000 & wait'] }))
    expect(await left()).toEqual([])
  })

  test('its owner is killed while it is paused', async () => {
    await killOwner(await owning({ config, pause: true }))
    expect(await left()).toEqual([])
  })

  test('everything is killed at once, and the next start of the name cleans up', async () => {
    const child = await owning({ config })
    const all = [...descendants(child.pid!).map(({ pid }) => pid), child.pid!]
    for (const pid of all) process.kill(pid, 'SIGSTOP')
    // With the first process of its PID namespace, the others are gone.
    for (const pid of all) killIfThere(pid)
    await left(2000)
    const { exitCode } = await run({ ...config, args: ['/bin/true'] })
    expect(exitCode).toBe(0)
    expect(await left()).toEqual([])
  })
})

test('its owner is killed between the claim of the name and the launch: a sweep, or the next start, cleans up', async () => {
  for (const next of [() => sweep(), () => run({ ...config, args: ['/bin/true'] })]) {
    await killOwner(await owning({ config, claimed: true }))
    expect(existsSync(`/run/ctrun/${name}`)).toBe(true)
    expect(list().map(({ state }) => state.name)).not.toContain(name)
    await next()
    expect(await left()).toEqual([])
  }
})

test('its owner is killed while it cleans up: a sweep, or the next start, does the rest', async () => {
  for (const next of [() => sweep(), () => run({ ...config, args: ['/bin/true'] })]) {
    const child = await owning({ config })
    const { process: first } = find(name).state
    // Who is in the cgroup keeps it from being removed, which the owner waits for.
    const stranger = spawn('sleep', ['1000'])
    own.add(stranger.pid!)
    for (const hierarchy of readdirSync('/sys/fs/cgroup')) {
      const procs = `/sys/fs/cgroup/${hierarchy}/ctrun-${name}/cgroup.procs`
      if (existsSync(procs)) writeFileSync(procs, String(stranger.pid))
    }
    process.kill(first!.pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 800))
    await killOwner(child)
    expect((await left(2000)).join('\n')).toContain(`state entry ${name}`)
    await next()
    expect(await left()).toEqual([])
  }
})
