import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys, type Program } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { mountTable } from '../test/mount-table.ts'
import { programs } from '../test/programs.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { directoryRoot, ociMounts, pivotRoot, privatePropagation, type MountEntry, type OciMountsOptions } from './index.ts'

const root = { fd: 'root' }
const proc = { destination: '/proc', type: 'proc', source: 'proc' }

/** A root of the entries, on a directory that has programs. */
function rooted(directory: string, mounts: readonly MountEntry[], options: Partial<OciMountsOptions> & { readonly before?: Program } = {}): Program {
  const { sources, detached, byMount, attach, within } = ociMounts({ root, mounts, ...options })
  return [
    ...(options.before ?? []), ...sources, ...detached, ...privatePropagation(), ...byMount, ...directoryRoot({ source: directory, as: 'root' }), ...programs, ...attach,
    ...Object.values(within).map((fd) => sys.close(fd, 'no masks here')), ...pivotRoot({ root }),
  ]
}

// The mounts that Docker, podman and containerd write into config.json
const usual: readonly MountEntry[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', 'ro'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=8388608'] },
]

// OCI runtime-spec config.md, Mounts: "The runtime MUST mount entries in the listed order."
test('the table of mounts has them in the order of the entries, bind mounts among new ones', async () => {
  const { root: directory, host } = scratch()
  const mounts: readonly MountEntry[] = [
    proc, { destination: '/first', type: 'tmpfs' }, { destination: '/first/bound', source: host, options: ['rbind'] }, { destination: '/over', type: 'tmpfs' }, { destination: '/over', source: host, options: ['bind', 'ro'] },
    { destination: '/last', type: 'tmpfs', options: ['mode=700'] },
  ]
  const { text } = await shell(rooted(directory, mounts), 'cat /proc/self/mountinfo')
  expect(mountTable(text).map(({ path }) => path).filter((path) => /^\/(proc|first|over|last)/.test(path))).toEqual(mounts.map(({ destination }) => destination))
})

test('the mounts of every engine: types, flags and options as they were written', async () => {
  const { root: directory } = scratch()
  const { text } = await shell(rooted(directory, usual), `cat /proc/self/mountinfo; echo; stat -c '%a' /dev /dev/shm; df -k --output=size /dev /dev/shm | tail -2; stat -c %a /dev/pts/ptmx`)
  const [table = '', rest = ''] = text.split('\n\n')
  expect(mountTable(table).filter(({ path }) => /^\/(proc|dev|sys)/.test(path)).map(({ path, flags, type, source }) => [path, flags, type, source].join(' ')).sort()).toEqual([
    '/dev rw,nosuid tmpfs tmpfs', '/dev/mqueue rw,nosuid,nodev,noexec,relatime mqueue mqueue', '/dev/pts rw,nosuid,noexec,relatime devpts devpts', '/dev/shm rw,nosuid,nodev,noexec,relatime tmpfs shm',
    '/proc rw,nosuid,nodev,noexec,relatime proc proc', '/sys ro,nosuid,nodev,noexec,relatime sysfs sysfs', '/sys/fs/cgroup ro,nosuid,nodev,noexec,relatime cgroup2 cgroup',
  ])
  expect(rest.trimEnd().split('\n').map((line) => line.trim())).toEqual(['755', '1777', '65536', '8192', '666'])
})

test('missing mount points are made for directories, files and sockets, in the root', async () => {
  const { root: directory, host } = scratch()
  writeFileSync(join(host, 'file'), 'of the host\n')
  mkdirSync(join(host, 'dir'))
  const mounts: MountEntry[] = [
    { destination: '/a/b/file', type: 'bind', source: join(host, 'file'), kind: 'file', options: ['rbind', 'ro'] }, { destination: '/a/c', source: join(host, 'dir'), options: ['bind', 'noexec'] },
    { destination: 'relative/tmp', type: 'tmpfs', source: 'tmpfs', options: ['size=1m', 'uid=7', 'gid=8', 'mode=0710'] }, proc,
  ]
  const { text } = await shell(rooted(directory, mounts), 'cat /a/b/file; echo > /a/b/file; touch /a/c/new; stat -c "%u %g %a" /relative/tmp; grep -o "/a/c [^ ]*" /proc/self/mountinfo')
  expect(text).toMatch(/^of the host\n.*Read-only file system\n7 8 710\n\/a\/c rw,noexec,relatime\n$/)
  expect(readdirSync(join(host, 'dir'))).toEqual(['new'])
  expect(readdirSync(join(directory, 'a/b'))).toEqual(['file'])
})

test('one whose place is a link to above it covers those behind it, which are not there then', async () => {
  const { root: directory, host } = scratch()
  mkdirSync(join(directory, 'a'))
  symlinkSync('.', join(directory, 'a/link'))
  const mounts: MountEntry[] = ['/a/link', '/a/second'].map((destination) => ({ destination, source: host, options: ['bind'] }))
  await expect(shell(rooted(directory, mounts), 'true')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'openat2' })
  expect(readdirSync(host)).toEqual([])
})

test('ENOENT, ENOTDIR, EINVAL: a source is missing, or is of the other kind', async () => {
  const { root: directory, host } = scratch()
  writeFileSync(join(host, 'file'), '')
  writeFileSync(join(directory, 'f'), '')
  const start = (...mounts: MountEntry[]) => shell(rooted(directory, mounts), 'true')
  await expect(start({ destination: '/x', source: join(host, 'nothing'), options: ['bind'] })).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open_tree' })
  await expect(start({ destination: '/f', source: host, options: ['bind'] })).rejects.toMatchObject({ code: 'ENOTDIR', syscall: 'openat2' })
  await expect(start({ destination: '/usr', source: join(host, 'file'), kind: 'file', options: ['bind'] })).rejects.toMatchObject({ code: 'EINVAL', syscall: 'move_mount' })
  await expect(start({ destination: '/usr/missing', type: 'tmpfs' })).rejects.toMatchObject({ code: 'EROFS', syscall: 'mkdirat' })
})

test('recursive attributes reach the mounts below', async () => {
  const { root: directory, host } = scratch()
  mkdirSync(join(host, 'deep'))
  const before = [sys.mount('deep', join(host, 'deep'), 'tmpfs', [], null, 'a mount below the source')]
  for (const [options, own, below] of [[['rbind', 'rro'], 'ro', 'ro'], [['rbind', 'ro'], 'ro', 'rw'], [['rbind', 'rnosuid', 'rnodev', 'rnoexec', 'rnoatime', 'rnodiratime', 'rnosymfollow'], 'nosuid,nodev,noexec,noatime,nodiratime,nosymfollow', 'nosuid,nodev,noexec,noatime,nodiratime,nosymfollow']] as const) {
    const { text } = await shell(rooted(directory, [{ destination: '/srv', source: host, options }, proc], { before: [...privatePropagation(), ...before] }), 'grep " /srv" /proc/self/mountinfo | cut -d" " -f6')
    const [first = '', second = ''] = text.trimEnd().split('\n')
    for (const flag of own.split(',')) expect([options, first.split(',')]).toEqual([options, expect.arrayContaining([flag])])
    for (const flag of below.split(',')) expect([options, second.split(',')]).toEqual([options, expect.arrayContaining([flag])])
  }
})

test('remount changes what is named, and keeps what is not', async () => {
  const { root: directory } = scratch()
  const mounts: MountEntry[] = [proc, { destination: '/t', type: 'tmpfs', options: ['nosuid', 'size=1m', 'mode=700'] }, { destination: '/t', options: ['remount', 'noexec', 'size=2m'] }, { destination: '/', options: ['remount', 'bind', 'ro'] }]
  const { text } = await shell(rooted(directory, mounts), `grep ' /t ' /proc/self/mountinfo | cut -d' ' -f6; stat -c %a /t; df -k --output=size /t | tail -1; touch /x; touch /t/x && echo fine`)
  expect(text.split('\n').map((line) => line.trim())).toEqual(['rw,nosuid,noexec,relatime', '700', '2048', expect.stringMatching(/Read-only file system$/) as string, 'fine', ''])
  await expect(shell(rooted(directory, [{ destination: '/usr/bin', options: ['remount', 'ro'] }]), 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'mount_setattr' })
  await expect(shell(rooted(directory, [{ destination: '/t', type: 'tmpfs' }, { destination: '/t', options: ['remount', 'nonsense=1'] }]), 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'fsconfig' })
})

test('tmpcopyup: the content is there, changes go to memory, nothing else stays mounted', async () => {
  const { root: directory } = scratch()
  mkdirSync(join(directory, 'var/lib/app'), { recursive: true })
  writeFileSync(join(directory, 'var/lib/app/data'), 'of the image\n')
  chmodSync(join(directory, 'var/lib/app'), 0o750)
  symlinkSync('/var/lib/app', join(directory, 'link'))
  const before = snapshot(join(directory, 'var'))
  const mounts: MountEntry[] = [{ destination: '/link', type: 'tmpfs', source: 'tmpfs', options: ['tmpcopyup', 'nosuid', 'noexec', 'size=1m'], mode: 0o750 }, { destination: '/new', type: 'tmpfs', options: ['tmpcopyup', 'mode=1777', 'uid=3'] }, proc]
  const { text } = await shell(rooted(directory, mounts), `cd /var/lib/app; cat data; echo changed >> data; touch more; cat data; ls; rm data; ls; stat -c '%a %u' . /new; touch /new/x; head -c 2000000 /dev/zero 2>&1 > big; cut -d' ' -f5,6 /proc/self/mountinfo | grep -E 'app|new'; pwd`)
  expect(text).toMatch(/^of the image\nof the image\nchanged\ndata\nmore\nmore\n750 0\n1777 3\n/)
  expect(text).toMatch(/\/var\/lib\/app rw,nosuid,noexec,relatime\n\/new rw,relatime\n\/var\/lib\/app\n$/)
  expect(snapshot(join(directory, 'var'))).toEqual(before)
})

test('an overlay of long paths: podman writes volumes like this', async () => {
  const { root: directory, top } = scratch()
  const names = ['lower', 'upper', 'work'].map((name) => join(top, name.padEnd(200, 'x')))
  for (const name of names) mkdirSync(name)
  writeFileSync(join(names[0]!, 'f'), 'lower\n')
  const before = [...privatePropagation(), sys.mount('changes', names[1]!, 'tmpfs', [], null, 'an overlay cannot be the upper layer of another'), ...['u', 'w'].map((name) => sys.mkdirat('AT_FDCWD', join(names[1]!, name), 0o755, 'a place for changes'))]
  const overlay = { destination: '/vol', type: 'overlay', source: 'overlay', options: [`lowerdir=${names[0]}`, `upperdir=${names[1]}/u`, `workdir=${names[1]}/w`, 'nosuid', 'noexec', 'rnodev', 'private'] }
  const { text } = await shell(rooted(directory, [overlay, proc], { before }), `cat /vol/f; echo x > /vol/f; grep ' /vol ' /proc/self/mountinfo | cut -d' ' -f6,9; ls -A /..`)
  expect(text).toMatch(/^lower\nrw,nosuid,nodev,noexec,relatime overlay\n/)
  expect(readFileSync(join(names[0]!, 'f'), 'utf8')).toBe('lower\n')
})

test('EINVAL: an option that no file system knows, an SELinux context where there is none', async () => {
  const { root: directory } = scratch()
  await expect(shell(rooted(directory, [{ destination: '/t', type: 'tmpfs', options: ['nonsense=1'] }]), 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'fsconfig' })
  if (existsSync('/sys/fs/selinux/enforce')) return
  await expect(shell(rooted(directory, [{ destination: '/t', type: 'tmpfs' }], { mountLabel: 'system_u:object_r:container_file_t:s0:c1,c2' }), 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'fsconfig', call: { args: [{ fd: 'tmpfs context' }, 'FSCONFIG_SET_STRING', 'context', 'system_u:object_r:container_file_t:s0:c1,c2'] } })
})
