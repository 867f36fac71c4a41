import { check, descriptors, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { ociChroot, ociRoot, workingDirectory, type MountEntry, type OciRootOptions } from './index.ts'

const mounts: readonly MountEntry[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] }, { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] }, { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] }, { destination: '/data', type: 'bind', source: 'volume', options: ['rbind', 'rro'] }, { destination: '/run', type: 'tmpfs', options: ['tmpcopyup', 'ro'] },
  { destination: '/empty', type: 'tmpfs', options: ['ro'] },
]
const whole = (options: Partial<OciRootOptions> = {}) => ociRoot({
  path: 'rootfs', mounts, readOnly: true, cwd: '/work', propagation: 'rslave', console: { fd: 'terminal' },
  devices: [{ path: '/dev/net/tun', type: 'c', major: 10, minor: 200 }, { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o600 }],
  maskedPaths: [{ path: '/proc/keys', kind: 'file' }, { path: '/sys/firmware', kind: 'directory' }, { path: '/etc/secret', kind: 'file' }], readonlyPaths: [{ path: '/proc/sys', kind: 'directory' }], ...options,
})
const open = { terminal: 3 }

test.each([{}, { nodes: 'bind', userNamespace: true }, { pivot: false }, { maskedPaths: [], console: undefined }] as const)('a whole root has no mistake that can be found without running it: %j', (options) => {
  const { sources, build, enter } = whole(options as Partial<OciRootOptions>)
  const program = [...sources, ...build, ...enter, ...workingDirectory({ path: '/work' })]
  expect(check(program, open)).toEqual([])
  expect([...descriptors(program, open).left.keys()]).toEqual(['terminal'])
  for (const call of program) {
    if (call.as !== undefined) expect(JSON.stringify(call.args), call.as).toMatch(/CLOEXEC/)
    expect(call.why).toMatch(/^[a-z/][^\n]*[^.]$/)
  }
})

test('the host is looked at first, and what is looked at in the image is found from its root', () => {
  const { sources, build, enter } = whole()
  expect(explain(sources, { why: false, names: false })).toEqual([
    'open_tree(AT_FDCWD, "volume", OPEN_TREE_CLOEXEC)',
    'openat(AT_FDCWD, "/dev/null", O_RDONLY|O_NOFOLLOW|O_CLOEXEC|O_PATH)',
  ])
  const after = build.slice(build.findIndex((call) => call.as === 'root') + 3)
  expect(after.filter((call) => call.args.some((arg) => typeof arg === 'string' && arg.startsWith('/')) && call.name !== 'symlinkat').map((call) => explain([call], { why: false })[0])).toEqual(['chdir("/")'])
  expect(explain(enter, { why: false, names: false, open: { root: 3 } })).toEqual([
    'mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32)', 'fchdir(3)', 'close(3)', 'pivot_root(".", ".")', 'umount2(".", MNT_DETACH)', 'chdir("/")',
    'mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, {attr_set=0, attr_clr=0, propagation=MS_SLAVE, userns_fd=0}, 32)',
  ])
})

test('without pivot_root the new root is put on /, and proc and sysfs of the host are taken away', () => {
  expect(explain(whole({ pivot: false, readOnly: false }).enter, { why: false, names: false, open: { root: 3 } }).slice(0, 7)).toEqual([
    'umount2("/sys", MNT_DETACH)', 'umount2("/proc", MNT_DETACH)', 'move_mount(3, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH)', 'fchdir(3)', 'close(3)', 'chroot(".")', 'chdir("/")',
  ])
})

test('a label is for masks as well', () => {
  const { build } = whole({ mountLabel: 'a:b:c:s0:c1,c2' })
  const masks = build.findIndex((call) => call.args[2] === 'source' && call.args[3] === 'mask')
  expect(build.slice(masks, masks + 4).map((call) => call.args.slice(2))).toContainEqual(['context', 'a:b:c:s0:c1,c2'])
})

test('a device of the same path takes the place of a default one', () => {
  const nodes = whole().build.filter((call) => call.name === 'mknodat' && JSON.stringify(call.args).includes('S_IFCHR')).map((call) => call.args[1])
  expect(nodes).toEqual(['zero', 'full', 'random', 'urandom', 'tty', 'tun', 'null'])
})

test('/dev of the host is nobody\'s to change', () => {
  const { build } = whole({ mounts: [{ destination: '/dev/.', source: '/dev', options: ['rbind'] }] })
  expect(build.some((call) => call.name === 'symlinkat' || JSON.stringify(call.args).includes('S_IFCHR'))).toBe(false)
})

test('without a mount namespace nothing is mounted, and the root is open from its first look-up to the last', () => {
  const { sources, build, enter } = ociChroot({ path: '/srv/rootfs', cwd: '/work', devices: [{ path: '/dev/net/tun', type: 'c', major: 10, minor: 200 }] })
  const program = [...sources, ...build, ...enter, ...workingDirectory({ path: '/work' })]
  expect(check(program)).toEqual([])
  expect([...descriptors(program).left.keys()]).toEqual([])
  expect([...new Set(program.map(({ name }) => name))].filter((name) => /mount|pivot|open_tree|^fs/.test(name))).toEqual([])
  expect(explain(program).filter((line) => line.includes('"/srv/rootfs"'))).toHaveLength(1)
  expect(program.slice(-enter.length - workingDirectory({ path: '/work' }).length).map(({ name }) => name).slice(0, 4)).toEqual(['fchdir', 'close', 'chroot', 'chdir'])
})
