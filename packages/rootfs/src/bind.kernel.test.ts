import { closeSync, mkdirSync, openSync, readFileSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys, type Program } from '@ctr/syscall'
import { launch } from '@ctr/launch'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { scratch } from '../test/scratch.ts'
import { attachSource, bind, hostRoot, openSource, parseMountOptions, pivotRoot, privatePropagation, proc, propagation } from './index.ts'

const root = { fd: 'root' }

/** A volume with a mount below it, on /srv of the host root. */
function withVolume(mounts: (volume: string) => Program, at: string, volume: string): Program {
  mkdirSync(join(volume, 'deep'), { recursive: true })
  return [...privatePropagation(), sys.mount('deep', join(volume, 'deep'), 'tmpfs', [], null, 'a mount below the volume'), ...hostRoot({ at, as: 'root' }), ...proc({ root }), ...mounts(volume), ...pivotRoot({ root })]
}

test.each([
  [true, true, 'touch: cannot touch \'/srv/x\': Read-only file system\ntouch: cannot touch \'/srv/deep/x\': Read-only file system\n'],
  [true, false, ''],
  // without the mounts below, the directory that they are on is seen
  [false, true, 'touch: cannot touch \'/srv/x\': Read-only file system\ntouch: cannot touch \'/srv/deep/x\': Read-only file system\n'],
] as const)('recursive %s, read-only %s', async (recursive, readOnly, text) => {
  const { root: at, host } = scratch()
  const seen = await shell(withVolume((source) => bind({ source, root, path: '/srv', kind: 'directory', recursive, readOnly }), at, host), 'touch /srv/x /srv/deep/x')
  expect(seen.text).toBe(text)
})

// OCI: ro is for the mount itself, rro for all below as well.
test.each([['rbind,ro', 'ro', 'rw'], ['rbind,rro', 'rw?', 'ro'], ['rbind,ro,rro', 'ro', 'ro'], ['rbind,ro,rprivate', 'ro', 'rw'], ['rbind,nodev,rnoexec', 'nodev', 'noexec'], ['rbind,rnoatime', 'noatime', 'noatime'], ['rbind,strictatime', 'rw', 'relatime']])('%s', async (options, own, below) => {
  const { root: at, host } = scratch()
  const { attributes, bind: how } = parseMountOptions(options)
  const program = withVolume((source) => bind({ source, root, path: '/srv', kind: 'directory', recursive: how === 'rbind', attributes }), at, host)
  const { text } = await shell(program, `awk '$5 ~ /^.srv/ { print $5, $6 }' /proc/self/mountinfo`)
  const flags = new Map(text.trimEnd().split('\n').map((line) => line.split(' ') as [string, string]))
  if (own !== 'rw?') expect(flags.get('/srv')!.split(',')).toContain(own)
  expect(flags.get('/srv/deep')!.split(',')).toContain(below)
  if (options === 'rbind,strictatime') expect(flags.get('/srv')).not.toContain('atime')
})

test('a single file, and EINVAL or ENOTDIR where the other kind is', async () => {
  const { root: at, host } = scratch()
  writeFileSync(join(host, 'file'), 'from the host')
  const on = (path: string, source: string, kind: 'file' | 'directory') => [...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...bind({ source, root, path, kind, create: true, readOnly: true }), ...pivotRoot({ root })]
  expect((await shell(on('/new/one', join(host, 'file'), 'file'), 'cat /new/one; echo x > /new/one')).text).toMatch(/^from the host.*Read-only file system\n$/)
  await expect(shell(on('/new', join(host, 'file'), 'directory'), 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'move_mount' })
  await expect(shell(on('/etc/hostname', host, 'directory'), 'true')).rejects.toMatchObject({ code: 'ENOTDIR', syscall: 'openat2' })
  await expect(shell(on('/new', host, 'file'), 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'move_mount' })
  await expect(shell(on('/new', join(host, 'nothing'), 'file'), 'true')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open_tree' })
})

test('a later source is not redirected by an earlier mount', async () => {
  const { root: at, top, host } = scratch()
  writeFileSync(join(host, 'which'), 'the right one')
  mkdirSync(join(top, 'other'))
  const program = [
    ...privatePropagation(), ...openSource({ source: join(top, 'other'), as: 'other' }), ...openSource({ source: host, as: 'host' }), ...hostRoot({ at, as: 'root' }),
    ...attachSource({ from: { fd: 'other' }, root, path: '/mnt', kind: 'directory' }), ...attachSource({ from: { fd: 'host' }, root, path: '/srv', kind: 'directory' }), ...pivotRoot({ root }),
  ]
  expect((await shell(program, 'cat /srv/which; ls /mnt')).text).toBe('the right one')
})

// T-SUB1 (CVE-2021-25741, CVE-2024-1753)
test('a part of a volume never leads out of it, whatever its links say', async () => {
  const { root: at, host, top } = scratch()
  const volume = join(top, 'volume')
  mkdirSync(join(volume, 'a/real'), { recursive: true })
  writeFileSync(join(volume, 'a/real/file'), 'in the volume\n')
  writeFileSync(join(host, 'file'), 'of the host\n')
  const use = (subpath: string) => shell([...privatePropagation(), ...openSource({ source: volume, subpath, as: 'part' }), ...hostRoot({ at, as: 'root' }), ...attachSource({ from: { fd: 'part' }, root, path: '/srv', kind: 'directory' }), ...pivotRoot({ root })], 'cat /srv/file')
  for (const [name, to] of [['inside', '/a/real'], ['absolute', host], ['up', `../../../../..${host}`], ['magic', `/proc/self/cwd`], ['loop', 'loop']] as const) symlinkSync(to, join(volume, name))
  expect((await use('a/real')).text).toBe('in the volume\n')
  expect((await use('/a/../inside')).text).toBe('in the volume\n')
  for (const [subpath, code] of [['absolute', 'ENOENT'], ['up', 'ENOENT'], ['magic', 'ENOENT'], ['loop', 'ELOOP'], [`../host`, 'ENOENT']] as const) await expect(use(subpath)).rejects.toMatchObject({ code, syscall: 'openat2' })
})

// overlayfs has no ID-mapped mounts (fs/overlayfs/super.c: no FS_ALLOW_IDMAP)
test.skipIf(statfsSync('/tmp').type === 0x794c7630)('files appear with the ids of another user namespace', async () => {
  const { root: at, host } = scratch()
  writeFileSync(join(host, 'file'), '')
  const child = await launch([sys.execve('/bin/sleep', ['sleep', '60'], [], 'the namespace needs somebody in it')], { namespaces: ['CLONE_NEWUSER'], idMaps: { uid: [[0, 1000, 1]], gid: [[0, 1000, 1]] } })
  const userns = openSync(`/proc/${child.pid}/ns/user`, 'r')
  try {
    const program = [...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...bind({ source: host, root, path: '/srv', kind: 'directory', attributes: [{ idMap: { fd: 'ids' } }] }), ...pivotRoot({ root })]
    expect((await shell(program, 'stat -c %u:%g /srv/file', { pass: { ids: userns } })).text).toBe('1000:1000\n')
  } finally {
    closeSync(userns)
    child.kill('SIGKILL')
    await child.exited
  }
})

// T-PROP
test('nothing is shared unless asked for, and the host never sees a mount', async () => {
  const { root: at, host } = scratch()
  const before = readFileSync('/proc/self/mountinfo', 'utf8')
  const shared = [sys.mount('vol', host, 'tmpfs', [], null, 'a volume'), ...propagation('shared', host)]
  const base = [...hostRoot({ at, as: 'root' }), ...proc({ root })]
  // Without pivotRoot: the last peer would go with the old root, and take the master from its slaves.
  const use = (options: string) => [...privatePropagation(), ...shared, ...base, ...bind({ source: host, root, path: '/srv', kind: 'directory', attributes: parseMountOptions(options).attributes })]
  const look = `grep -o '/srv .* - ' /proc/self/mountinfo | grep -o 'shared\\|master' || echo neither`
  for (const [options, expected] of [['bind', 'shared'], ['private', 'neither'], ['slave', 'master'], ['rshared', 'shared']] as const)
    expect([options, (await shell(use(options), look)).text]).toEqual([options, `${expected}\n`])
  const byDefault = [...privatePropagation(), ...shared, ...base, ...bind({ source: host, root, path: '/srv', kind: 'directory' })]
  expect((await shell(byDefault, look)).text).toBe('neither\n')
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before)
})
