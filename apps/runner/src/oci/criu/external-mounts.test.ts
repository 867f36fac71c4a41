import { parseMountinfo } from '@ctr/procfs'
import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import type { OciConfig } from '../config/config-shape.ts'
import { externalInDump, mountSources } from './external-mounts.ts'

const asWritten = (path: string) => path
const config = {
  ociVersion: '1.2.0',
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' }, { destination: '/dev', type: 'tmpfs', source: 'tmpfs' }, { destination: '/dev/shm', type: 'tmpfs', source: 'tmpfs' }, { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] },
    { destination: '/data', type: 'bind', source: '/srv/data', options: ['rbind', 'ro'] }, { destination: '/data/scratch', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/etc/hosts', type: 'bind', source: '/b/hosts', options: ['bind'] }, { destination: '/data/in', type: 'bind', source: '/b/in', options: ['bind'] },
  ],
  linux: { namespaces: [{ type: 'mount' }, { type: 'cgroup' }], maskedPaths: ['/proc/keys', '/proc/acpi'] },
} satisfies OciConfig

// As the kernel shows a container of this configuration.
const mounts = parseMountinfo(`47 35 0:24 /b/rootfs / rw - overlay overlay rw
48 47 0:32 / /proc rw - proc proc rw
49 47 0:33 / /dev rw - tmpfs tmpfs rw
50 47 0:30 /oc /sys/fs/cgroup ro - cgroup2 cgroup rw
51 47 0:24 /srv/data /data ro - overlay overlay rw
52 51 0:50 / /data/disk ro - ext4 /dev/sda rw
53 51 0:51 / /data/scratch rw - tmpfs tmpfs rw
54 47 0:24 /b/hosts /etc/hosts rw - overlay overlay rw
55 48 0:5 /null /proc/keys ro - devtmpfs dev rw
56 48 0:52 / /proc/acpi ro - tmpfs mask ro
57 48 0:32 /sys /proc/sys ro - proc proc rw
`)

test('the host\'s are bind mounts with what is below their sources, and what covers a file', () => {
  expect(externalInDump(config, mounts, asWritten)).toEqual(['mnt[/data]:/data', 'mnt[/data/disk]:/data/disk', 'mnt[/etc/hosts]:/etc/hosts', 'mnt[/proc/keys]:/dev/null'])
  const links = (path: string) => path.replace('/etc/hosts', '/usr/etc/hosts')
  expect(externalInDump(config, mounts, links)).not.toContain('mnt[/etc/hosts]:/etc/hosts')
})

test('without a namespace of groups they are shown by a bind mount', () => {
  const shared = { ...config, linux: { namespaces: [{ type: 'mount' as const }] } }
  expect(externalInDump(shared, mounts, asWritten)).toContain('mnt[/sys/fs/cgroup]:/sys/fs/cgroup')
})

test('each has a source of its own, with its attributes', () => {
  const { program, external } = mountSources(config, {
    rootfs: '/b/rootfs', at: '/run/x', kinds: { '/srv/data': 'directory', '/b/hosts': 'file', '/b/in': 'directory' }, placeOf: asWritten, below: ['/', '/srv/data/disk', '/srv/data2'],
  })
  expect(external).toEqual(['mnt[/data]:/run/x/0', 'mnt[/data/disk]:/run/x/0/disk', 'mnt[/etc/hosts]:/run/x/1', 'mnt[/data/in]:/run/x/2', 'mnt[/dev/null]:/run/x/3'])
  expect(check(program)).toEqual([])
  const text = explain(program).join('\n')
  // What propagates would be seen outside.
  expect(text.indexOf('MS_PRIVATE')).toBeLessThan(text.indexOf('move_mount'))
  for (const call of ['<root>, "data", 0755)', 'open_tree(AT_FDCWD, "/b/hosts"', 'open_tree(AT_FDCWD, "/dev/null"', '<places>, "", AT_FDCWD, "/run/x"']) expect(text).toContain(call)
  expect(text.match(/MOUNT_ATTR_RDONLY/g)).toHaveLength(2)
  // What is on another mount of the host has its place there; what is on a file system of the container is CRIU's.
  expect(text).toMatch(/<places>, "0".*\n.*mkdirat\(\d+<parent>, "in", 0755\)/)
  expect(text).not.toContain('"shm"')
})
