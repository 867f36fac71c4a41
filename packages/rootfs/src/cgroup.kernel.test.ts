import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { scratch } from '../test/scratch.ts'
import { cgroupMount, hostRoot, openGroups, pivotRoot, privatePropagation, proc, sysfs, type CgroupMountOptions } from './index.ts'

const root = { fd: 'root' }

function withCgroups(at: string, options: Partial<CgroupMountOptions>) {
  return [...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...proc({ root }), ...sysfs({ root, as: 'sys' }), ...cgroupMount({ root, within: { '/sys': { fd: 'sys' } }, ...options }), sys.close({ fd: 'sys' }, 'done'), ...pivotRoot({ root })]
}

test('cgroup v2 is mounted, read-only unless asked otherwise', async () => {
  const { root: at } = scratch()
  expect((await shell(withCgroups(at, {}), 'stat -f -c %T /sys/fs/cgroup; ls /sys/fs/cgroup | grep -c cgroup.procs; mkdir /sys/fs/cgroup/x')).text).toMatch(/^cgroup2fs\n1\nmkdir: .*Read-only file system\n$/)
  const { text } = await shell(withCgroups(at, { readOnly: false }), 'grep /sys/fs/cgroup /proc/self/mountinfo | cut -d" " -f6')
  expect(text).toBe('rw,nosuid,nodev,noexec,relatime\n')
})

test.skipIf(!existsSync('/sys/fs/cgroup/cpu'))('hierarchies of v1 are mounted, each by its name', async () => {
  const { root: at } = scratch()
  const { text } = await shell(withCgroups(at, { hierarchies: { cpu: ['cpu'], memory: ['memory'] } }), 'ls /sys/fs/cgroup; ls /sys/fs/cgroup/memory | grep -c memory.limit_in_bytes; mkdir /sys/fs/cgroup/x /sys/fs/cgroup/cpu/x')
  expect(text).toMatch(/^cpu\nmemory\n1\n.*Read-only file system\n.*Read-only file system\n$/)
})

test('without a kept /sys the mount point is found in the root', async () => {
  const { root: at } = scratch()
  expect((await shell([...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...sysfs({ root }), ...cgroupMount({ root }), ...pivotRoot({ root })], 'stat -f -c %T /sys/fs/cgroup')).text).toBe('cgroup2fs\n')
})

/** A group of ours below a hierarchy of the host, for as long as the test. */
async function withGroup(hierarchy: string, body: (group: string) => Promise<void>): Promise<void> {
  const group = join(hierarchy, `ctr-rootfs-${process.pid}`)
  mkdirSync(join(group, 'below'), { recursive: true })
  try {
    await body(group)
  } finally {
    rmdirSync(join(group, 'below'))
    rmdirSync(group)
  }
}

// CVE-2023-25809: without a cgroup namespace, a mount of the hierarchy has the groups of the whole host in it.
test('without a cgroup namespace only the own group is there', async () => {
  const unified = existsSync('/sys/fs/cgroup/unified') ? '/sys/fs/cgroup/unified' : '/sys/fs/cgroup'
  await withGroup(unified, async (group) => {
    const { root: at } = scratch()
    const { text } = await shell([...openGroups({ group }), ...withCgroups(at, { group })], 'ls -d /sys/fs/cgroup/*/; stat -f -c %T /sys/fs/cgroup; mkdir /sys/fs/cgroup/x; ls -d /sys/fs/cgroup/../cgroup/*/', { namespaces: ['CLONE_NEWNS', 'CLONE_NEWPID'] })
    expect(text).toMatch(/^\/sys\/fs\/cgroup\/below\/\ncgroup2fs\nmkdir: .*Read-only file system\n\/sys\/fs\/cgroup\/..\/cgroup\/below\/\n$/)
  })
})

test.skipIf(!existsSync('/sys/fs/cgroup/memory'))('hybrid, without a cgroup namespace: own groups of v1 beside v2, links for controllers that share one', async () => {
  await withGroup('/sys/fs/cgroup/memory', async (group) => {
    const { root: at } = scratch()
    const view = { hierarchies: { 'memory,odd': { group }, cpu: ['cpu'], unified: 'cgroup2' } } as const
    const { text } = await shell([...openGroups(view), ...withCgroups(at, { ...view, readOnly: false })], 'cd /sys/fs/cgroup; ls; readlink memory odd; ls -d memory/*/; stat -f -c %T unified; mkdir unified/../x')
    expect(text).toMatch(/^cpu\nmemory\nmemory,odd\nodd\nunified\nmemory,odd\nmemory,odd\nmemory\/below\/\ncgroup2fs\nmkdir: .*Read-only file system\n$/)
  })
})

test('ENOENT: the own group does not exist', async () => {
  await expect(shell(openGroups({ group: '/sys/fs/cgroup/ctr-nothing' }), 'true')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open_tree' })
})

test.skipIf(!existsSync('/sys/fs/cgroup/memory'))('EPERM: a hierarchy that the host does not have', async () => {
  const { root: at } = scratch()
  await expect(shell(withCgroups(at, { hierarchies: { both: ['memory', 'cpu'] } }), 'true')).rejects.toMatchObject({ code: 'EPERM', syscall: 'fsconfig' })
})
