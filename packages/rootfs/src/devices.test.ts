import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { devices, openDevices, type Device } from './index.ts'

const root = { fd: 'root' }
const list: readonly Device[] = [
  { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o600, uid: 1000, gid: 1000 }, { path: '/dev/pipe', type: 'p' },
  { path: '/dev/mapper/vg', type: 'b', major: 253, minor: 0 }, { path: '/sd', type: 'u', major: 8, minor: 0 },
]

test('each is made in the descriptor of its directory, which is opened once', () => {
  const program = devices({ root, devices: list })
  expect(explain(program.filter((call) => call.as !== 'parent' && !JSON.stringify(call.args).includes('"parent"')), { why: false, names: false, open: { root: 3 } })).toEqual([
    'umask(000)', 'mkdirat(3, "dev", 0755)', 'openat2(3, "dev", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'mknodat(4, "fuse", S_IFCHR|0600, makedev(0xa, 0xe5))', 'fchownat(4, "fuse", 1000, 1000, AT_SYMLINK_NOFOLLOW)', 'mknodat(4, "pipe", S_IFIFO|0666)', 'close(4)',
    'mkdirat(3, "dev", 0755)', 'openat2(3, "dev/mapper", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'mknodat(4, "vg", S_IFBLK|0666, makedev(0xfd, 0))', 'close(4)', 'mknodat(3, "sd", S_IFCHR|0666, makedev(0x8, 0))', 'umask(022)',
  ])
  expect(check(program, { root: 3 })).toEqual([])
})

test('the host\'s are taken before, pipes are made', () => {
  const program = [...openDevices(list), ...devices({ root, devices: list, nodes: 'bind' })]
  expect(check(program, { root: 3 })).toEqual([])
  expect(program.filter((call) => call.name === 'open_tree').map((call) => call.args[1])).toEqual(['/dev/fuse', '/dev/mapper/vg', '/sd'])
  expect(program.filter((call) => call.name === 'mknodat').map((call) => (call.args[2] as { type: string }).type)).toEqual(['S_IFREG', 'S_IFIFO', 'S_IFREG', 'S_IFREG'])
})

test.each(['/', '', '/dev/', '/dev/..', '..'])('%j names no file', (path) => expect(() => devices({ root, devices: [{ path, type: 'p' }] })).toThrow('it names no file'))

test('a device needs its number', () => {
  expect(() => devices({ root, devices: [{ path: '/dev/x', type: 'c', major: 1 }] })).toThrow('Cannot make the device "/dev/x" without')
  expect(() => devices({ root, devices: [{ path: '/dev/x', type: 'b', major: 1, minor: -1 }] })).toThrow('device number out of range')
})
