import { readdirSync, readFileSync, statfsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ociPlan } from '../apps/runner/src/oci/container.ts'
import { create, type CreateOptions } from '../apps/runner/src/oci/lifecycle/create.ts'
import { prepare } from '../apps/runner/src/oci/lifecycle/prepare.ts'
import { remove } from '../apps/runner/src/oci/lifecycle/remove.ts'
import { OciStore } from '../apps/runner/src/oci/state/oci-store.ts'
import { groupsOf, hasBusybox, OciBench, type BundleConfig } from '../apps/runner/test/oci/oci.ts'

// Each call of a container of a bundle fails, before it is made or after it was, and its process is killed on the way; what is left
// afterwards is nothing: no state, no group, no mount, no process, no descriptor.

const maps = [{ containerID: 0, hostID: 1000, size: 2000 }]
const mapped = { uidMappings: maps, gidMappings: maps }
// overlayfs has no ID-mapped mounts (fs/overlayfs/super.c: no FS_ALLOW_IDMAP).
const overlay = statfsSync('/usr/share').type === 0x794c7630

const variants: Readonly<Record<string, (config: BundleConfig) => void>> = {
  plain: () => {},
  'with everything': (config) => {
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] }, { destination: '/host', type: 'bind', source: '/usr/share', options: ['rbind', 'ro'] }, { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] })
    if (!overlay) config.mounts.push({ destination: '/mapped', type: 'bind', source: '/usr/share', options: ['bind', 'idmap'], ...mapped })
    config.linux.namespaces.push({ type: 'cgroup' })
    Object.assign(config.linux, { sysctl: { 'net.ipv4.ip_forward': '1' }, seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['ptrace'], action: 'SCMP_ACT_ERRNO' }] }, devices: [{ path: '/dev/other', type: 'c', major: 1, minor: 3 }] })
    Object.assign(config.process, { oomScoreAdj: 100, rlimits: [{ type: 'RLIMIT_CORE', soft: 0, hard: 0 }] })
  },
  'in a user namespace': (config) => {
    config.linux.namespaces.push({ type: 'user' })
    Object.assign(config.linux, mapped)
    config.mounts = config.mounts.map((mount) => (mount.type === 'devpts' ? { ...mount, options: mount.options.filter((option) => !option.startsWith('gid=')) } : mount))
  },
}

const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length
const descriptors = () => readdirSync('/proc/self/fd').length

describe.skipIf(!hasBusybox).each(Object.entries(variants))('%s', (title, change) => {
  let bench: OciBench
  let bundle = ''
  const id = `fault-${process.pid}-${title.replaceAll(' ', '-')}`
  beforeAll(async () => {
    bench = await OciBench.make()
    bundle = bench.bundle('true', change)
  })
  afterAll(() => bench.remove())

  /** Once for each of some calls: what `create` does at it, and what is told. Nothing may be left. */
  async function each(indexes: readonly number[], weave: (index: number) => CreateOptions['weave'], code: string, ran?: number): Promise<void> {
    const store = new OciStore(bench.root)
    const { program } = ociPlan(prepare({ id, bundle, waits: false, keyring: 'a keyring' }).container)
    const attempt = async (index?: number) => {
      try {
        const process = await create({ store, id, bundle, waits: false, stdio: 'ignore', ...(index === undefined ? {} : { weave: weave(index)! }) })
        await process.exited
        await process.closed
        await remove(store, id, { force: true, warn: () => {} })
        return 'it ran'
      } catch (error) {
        const { index: at, code } = error as { index?: number; code?: string }
        return at === undefined ? String(error) : `${code} at ${at}`
      }
    }
    expect(await attempt()).toBe('it ran')
    const [mounted, opened] = [mounts(), descriptors()]
    const wrong: string[] = []
    for (const index of indexes) {
      if (wrong.length > 20) break
      const told = await attempt(index)
      if (told !== (index === ran ? 'it ran' : `${code} at ${index}`)) wrong.push(`${index} ${program[index]!.name}: ${told}`)
      for (const left of [...bench.left(), ...groupsOf(id)]) wrong.push(`${index} ${program[index]!.name}: left ${left}`)
    }
    expect(wrong).toEqual([])
    expect(mounts()).toBe(mounted)
    await expect.poll(descriptors).toBe(opened)
  }

  const calls = () => ociPlan(prepare({ id, bundle, waits: false, keyring: 'a keyring' }).container).program

  // Nothing comes after an execve that succeeds.
  test.each(['before', 'after'] as const)('fails %s each call', { timeout: 120_000 }, (when) => each([...calls().keys()], (index) => ({ fault: { index, when } }), 'ENOSYS', when === 'after' ? calls().length - 1 : undefined))

  // To stop at one call is to stop at all: so not each of them, but those after which something else is true.
  test('is killed at every checkpoint, and at many calls between', { timeout: 120_000 }, () => each(
    [...calls().entries()].flatMap(([index, { name }]) => (index > 0 && (index % 8 === 1 || ['write', 'read', 'clone3', 'pivot_root', 'setresuid', 'seccomp', 'execve'].includes(name)) ? [index] : [])),
    (index) => ({
      step: async (at, _call, process) => {
        if (at !== index) return
        process.kill()
        await process.exited
      },
    }), 'SIGKILL'))
})
