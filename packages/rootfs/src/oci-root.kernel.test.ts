import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { kinds } from '../test/default-root.ts'
import { shell } from '../test/container.ts'
import { emulated } from '../test/guest.ts'
import { mountTable } from '../test/mount-table.ts'
import { programs } from '../test/programs.ts'
import { scratchNull } from '../test/scratch-null.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { defaultMaskedPaths, defaultReadOnlyPaths, ociRoot, type MountEntry, type OciRootOptions } from './index.ts'

const usual: readonly MountEntry[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
]

function whole(options: Partial<OciRootOptions> & { readonly path: string }, terminal = false) {
  const { sources, build, enter } = ociRoot({ mounts: usual, maskedPaths: kinds(defaultMaskedPaths), readonlyPaths: kinds(defaultReadOnlyPaths), ...options, ...(terminal ? { console: { fd: 'terminal' } } : {}) })
  const at = build.findIndex((call) => call.as === 'root' && call.name === 'open_tree') + 3
  const tty = terminal ? [
    sys.openat('AT_FDCWD', '/dev/ptmx', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], 0, { as: 'master', why: 'a terminal' }),
    sys.ioctl({ fd: 'master' }, 'TIOCSPTLCK', 0, 'unlock it'),
    sys.ioctl({ fd: 'master' }, 'TIOCGPTPEER', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], { as: 'terminal', why: 'its other end' }),
  ] : []
  return [...tty, ...sources, ...build.slice(0, at), ...programs, ...build.slice(at), ...enter]
}

test('a container of any engine: devices, links, masks, settings, working directory, read-only root', async () => {
  const { root: directory } = scratch()
  const mounts: MountEntry[] = [...usual, { destination: '/ro', type: 'tmpfs', options: ['ro', 'size=1m'] }, { destination: '/ro/below', type: 'tmpfs', options: ['size=1m'] }]
  const devices = [{ path: '/dev/xnull', type: 'c', major: 1, minor: 3, fileMode: 0o666, uid: 1000, gid: 1000 }, { path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 0o600 }] as const
  const { text } = await shell(whole({ path: directory, readOnly: true, mounts, devices, cwd: '/work/deep' }, true), `
    cd /dev; stat -c '%n %a %t:%T %u' null xnull zero tty; readlink fd stdin ptmx; stat -c '%n %t' console; ls
    ls -d /work/deep; touch /x; touch /ro/x; touch /ro/below/x && echo below
    cat /proc/timer_list; ls -A /sys/firmware; chmod 644 /proc/sys/kernel/core_pattern; cut -d' ' -f5 /proc/self/mountinfo | grep -c '^/$'; grep -c 'shared:\|master:' /proc/self/mountinfo`)
  expect(text).toBe(`null 666 1:3 0
xnull 666 1:3 1000
zero 600 1:5 0
tty 666 5:0 0
/proc/self/fd
/proc/self/fd/0
pts/ptmx
console 88
console\nfd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nxnull\nzero
/work/deep
touch: cannot touch '/x': Read-only file system
touch: cannot touch '/ro/x': Read-only file system
below
chmod: changing permissions of '/proc/sys/kernel/core_pattern': Read-only file system
1
0
`)
})

test('a root without /dev of its own gets the devices of the image\'s directory, once', async () => {
  const { root: directory } = scratch()
  mkdirSync(join(directory, 'dev'))
  symlinkSync('/etc/passwd', join(directory, 'dev/ptmx'))
  writeFileSync(join(directory, 'dev/console'), 'of the image')
  const options = { path: directory, mounts: [usual[0]!], maskedPaths: [], readonlyPaths: [] }
  expect((await shell(whole(options, true), 'echo x > /dev/null; readlink /dev/ptmx; stat -c %t /dev/console')).text).toBe('pts/ptmx\n88\n')
  expect(statSync(join(directory, 'dev/null')).isCharacterDevice()).toBe(true)
  await expect(shell(whole(options), 'true')).rejects.toMatchObject({ code: 'EEXIST', syscall: 'mknodat' })
  const existing = ['null', 'zero', 'full', 'random', 'urandom', 'tty'].map((name) => ({ path: `/dev/${name}`, type: 'c', exists: true }) as const)
  expect((await shell(whole({ ...options, devices: existing }), 'echo x > /dev/null && echo fine')).text).toBe('fine\n')
})

test('where /dev is the host\'s it is left as it is', async () => {
  const { root: directory, host } = scratch()
  writeFileSync(join(host, 'ptmx'), 'mine')
  const before = snapshot(host)
  const { text } = await shell(whole({ path: directory, mounts: [usual[0]!, { destination: '/dev/', source: host, options: ['rbind'] }], maskedPaths: [], readonlyPaths: [] }), 'ls /dev')
  expect([text, snapshot(host)]).toEqual(['ptmx\n', before])
})

test.each([
  ['shared', 'shared', ''], ['rshared', 'shared', 'shared'], ['slave', '', ''], ['rslave', '', ''], ['private', '', ''], ['rprivate', '', ''], ['unbindable', 'unbindable', ''], ['runbindable', 'unbindable', 'unbindable'], [undefined, '', ''],
] as const)('rootfsPropagation %s', async (kind, own, below) => {
  const { root: directory } = scratch()
  const { text } = await shell(whole({ path: directory, mounts: [usual[0]!], maskedPaths: [], readonlyPaths: [], ...(kind === undefined ? {} : { propagation: kind }) }), 'cat /proc/self/mountinfo')
  const of = (path: string) => mountTable(text).filter((mount) => mount.path === path).map(({ propagation }) => propagation)
  expect([of('/'), of('/usr')]).toEqual([[own], [below]])
})

test('in a user namespace: devices, masks and all mounts but the cgroups of v1', async () => {
  const { top, root: directory } = scratch()
  const ids = [[0, 0, 65536]] as const
  const options = { path: directory, nodes: 'bind', userNamespace: true, mounts: [...usual, { destination: '/etc', type: 'tmpfs', options: ['tmpcopyup'] }] } as const
  mkdirSync(join(directory, 'etc'))
  writeFileSync(join(directory, 'etc/kept'), 'kept\n')
  const program = whole(options)
  // Not the machine's own null device under a mask that somebody tries to change
  const { nullSource } = scratchNull(top)
  const { text } = await shell(program.map((call) => (call.as === 'null' ? nullSource[0]! : call)), 'echo x > /dev/null; head -c 1 /dev/zero | wc -c; cat /proc/timer_list; cat /etc/kept; echo changed > /etc/kept; cat /etc/kept; touch /dev/shm/x; ls /dev/mqueue; ls /sys/fs/cgroup | grep -c procs', {
    namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID', 'CLONE_NEWIPC', 'CLONE_NEWNET', 'CLONE_NEWCGROUP'], idMaps: { uid: ids, gid: ids } })
  expect(text).toBe('1\nkept\nchanged\n1\n')
})

// T-MNT1: CVE-2014-6407, CVE-2015-3627, CVE-2019-19921, CVE-2025-9566 and their like
const links: Record<string, (host: string) => string> = { absolute: (host) => host, 'through ..': (host) => `../../../../../..${host}`, 'to the root': () => '/', loop: () => 'loop', dangling: () => '/not/there' }
const files: readonly MountEntry[] = ['/etc/hosts', '/etc/resolv.conf', '/run/secrets/x'].map((destination) => ({ destination, source: '/etc/hostname', kind: 'file', options: ['rbind', 'ro'] }))
for (const [how, to] of Object.entries(links))
  test(`every mount point and every directory above it, as a link ${how}: refused, or inside`, async () => {
    const all = [...usual, ...files]
    const paths = emulated || how === 'loop' || how === 'dangling' ? ['/proc', '/dev', '/dev/pts', '/etc'] : new Set(all.flatMap(({ destination }) => [destination, dirname(destination)]).filter((each) => each !== '/'))
    for (const path of paths) {
      const { root: directory, host } = scratch()
      for (const name of ['fs/cgroup', 'pts', 'shm', 'hosts', 'resolv.conf', 'secrets', 'ptmx']) mkdirSync(join(host, name), { recursive: true })
      mkdirSync(dirname(join(directory, path)), { recursive: true })
      symlinkSync(to(host), join(directory, path))
      symlinkSync('loop', join(directory, 'loop'))
      const before = snapshot(host)
      const outcome: unknown = await shell(whole({ path: directory, mounts: all, maskedPaths: [] }), `ls -d ${host} 2>/dev/null; ls /..`).catch((error: unknown) => error)
      if (outcome instanceof Error) expect([path, (outcome as { code?: string }).code]).toEqual([path, expect.stringMatching(/^(ELOOP|ENOENT|ENOTDIR|EINVAL|EEXIST|EISDIR)$/)])
      else if (!['/..', '/'].includes(to(host))) expect((outcome as { text: string }).text.split('\n')).not.toContain('ptmx')
      expect([path, snapshot(host)]).toEqual([path, before])
      expect(existsSync('/not')).toBe(false)
      // /proc, /sys and /dev are never behind a link.
      if (['/proc', '/sys', '/dev'].includes(path)) expect(outcome).toMatchObject({ code: 'ELOOP', syscall: 'openat2' })
    }
  })

test('the failure leaves no more than mount points in the image', async () => {
  const { root: directory } = scratch()
  await expect(shell(whole({ path: directory, mounts: [...usual, { destination: '/t', type: 'tmpfs', options: ['nonsense'] }] }), 'true')).rejects.toMatchObject({ code: 'EINVAL' })
  expect(readdirSync(directory)).toEqual([])
})
