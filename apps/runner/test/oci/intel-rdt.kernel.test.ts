import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { remove } from '../../src/oci/lifecycle/remove.ts'
import { mountedResctrl } from '../../src/oci/lifecycle/resctrl.ts'
import { OciStore } from '../../src/oci/state/oci-store.ts'
import { ownIdentity } from '../../src/store.ts'
import { containers, layout, type Made } from './group.ts'
import { hasBusybox, type BundleConfig } from './oci.ts'

/**
 * No machine of the tests has a processor with resctrl, and QEMU emulates none. Two stand in for it: files, for what is written to it; and a hierarchy of cgroup
 * version 1, which is the same kind of file system, for who is in it: mkdir makes a group with its `tasks`, and who writes 0 there is a member.
 * Three seconds here, and twenty in the guest, where only the first half runs.
 */
const hierarchy = layout.hierarchies.find(({ version, controllers }) => version === 1 && controllers.includes('freezer'))

describe.skipIf(!hasBusybox)('a class of service in resctrl', () => {
  const { made } = containers()
  const rdt = (intelRdt: object) => (config: BundleConfig) => { config.linux['intelRdt'] = intelRdt }

  test.skipIf(mountedResctrl(readFileSync('/proc/self/mountinfo', 'utf8')) !== undefined)('is an error where there is none, and nothing is left', async () => {
    await expect(made('true', rdt({ l3CacheSchema: 'L3:0=f' }))).rejects.toThrow('linux.intelRdt: no file system resctrl is mounted')
  })

  describe('of files', () => {
    let root: string
    beforeAll(() => {
      root = mkdtempSync(join(tmpdir(), 'ctr-resctrl-'))
      mkdirSync(join(root, 'gold'))
      mkdirSync(join(root, 'info'))
      writeFileSync(join(root, 'info/last_cmd_status'), 'Mask 0x3 has non-consecutive 1-bits\n')
      for (const [file, text] of [['schemata', 'L3:0=7ff\n'], ['tasks', '']] as const) writeFileSync(join(root, 'gold', file), text)
    })
    // Behind each test its container is deleted, and a class with a name stays.
    afterAll(() => {
      expect(readdirSync(root).sort()).toEqual(['gold', 'info'])
      rmSync(root, { recursive: true })
    })

    test('by name: the process writes itself down, and so does what joins; update changes it', async () => {
      const container = await made('true', rdt({ closID: 'gold', l3CacheSchema: 'L3:0=7ff' }), { resctrl: root })
      const tasks = () => {
        const text = readFileSync(join(root, 'gold/tasks'), 'utf8')
        writeFileSync(join(root, 'gold/tasks'), '')
        return text
      }
      expect(tasks()).toBe('0')
      await container.exec('true')
      expect(tasks()).toBe('0')
      await container.oci('update', '--mem-bw-schema=MB:0=20', '--pids-limit=20')
      expect(readFileSync(join(root, 'gold/schemata'), 'utf8')).toMatch(/^MB:0=20\n/)
      await container.oci('update', '--l3-cache-schema=L3:0=f')
      expect(readFileSync(join(root, 'gold/schemata'), 'utf8')).toMatch(/^L3:0=f\n/)
    })

    test('an error of a step says why, and what was made is gone', async () => {
      // Nobody puts a schemata file into a new directory here.
      await expect(made('true', rdt({ schemata: ['L3:0=5'] }), { resctrl: root })).rejects.toThrow(/^linux\.intelRdt: openat\(.*schemata.*ENOENT.*: Mask 0x3 has non-consecutive 1-bits$/)
      await expect(made('true', rdt({}), { resctrl: root })).rejects.toThrow(/tasks.*ENOENT/)
      await expect(made('true', rdt({ closID: 'gold', l3CacheSchema: 'L3:0=1' }), { resctrl: root })).rejects.toThrow('is another class of service')
      expect(readdirSync(root).sort()).toEqual(['gold', 'info'])
    })

    test('update of a container without one is an error', async () => {
      const container = await made('true')
      await expect(container.oci('update', '--l3-cache-schema=L3:0=f')).rejects.toThrow('updating a non-existent Intel RDT configuration is not supported')
      await expect(container.oci('update', '--mem-bw-schema=L3:0=f')).rejects.toThrow('memBwSchema: "L3:0=f" is not')
    })
  })

  describe.skipIf(!hierarchy)('of groups of cgroup version 1 (needs the freezer there)', () => {
    let root: string
    beforeAll(() => { mkdirSync(root = join(hierarchy!.mountpoint, `ctr-resctrl-${process.pid}`)) })
    // Behind the test its container is deleted, and its group with it: what is not empty cannot be removed.
    afterAll(() => rmdirSync(root))
    // Its own groups are in the hierarchy of version 2 alone: those of version 1 would take it away again.
    const how = () => ({ resctrl: root, rootless: true })
    const groupOf = async (container: Made, pid: number | 'self') => /^\d+:[^:]*freezer[^:]*:(.*)$/m.exec(await container.exec('cat', `/proc/${pid}/cgroup`))![1]!.replace(/.*\/ctr-resctrl-\d+/, '')

    test('of its own: its processes are in it, those that join it too', async () => {
      const container = await made('sleep 1000', rdt({}), how())
      expect([await groupOf(container, 1), await groupOf(container, 'self')]).toEqual([`/${container.id}`, `/${container.id}`])
    })

    test('one whose maker was killed when it had made it is gone with delete --force', async () => {
      const id = `killed-${process.pid}`
      const store = new OciStore(mkdtempSync(join(tmpdir(), 'ctr-resctrl-state-')))
      const directory = join(root, id)
      // Nobody who lives now was started with the machine.
      const creator = { ...ownIdentity(), starttimeTicks: 0 }
      store.claim({ v: 1, id, ociVersion: '1.3.0', bundle: '/', rootfs: '/', created: '', annotations: {}, cgroup: `/ctrun-oci-${id}`, groups: 'none', hooks: [], ownPids: true, creator, rootless: true, resctrl: { directory, own: true } }, '{}')
      mkdirSync(directory)
      await remove(store, id, { force: true, warn: () => {} })
      expect([existsSync(directory), store.ids()]).toEqual([false, []])
      rmSync(store.root, { recursive: true })
    })
  })
})
