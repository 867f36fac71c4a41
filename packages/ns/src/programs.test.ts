import { check, explain, type Program } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { domainname, hostname, idMaps, join, loopbackUp, pin, unpin, unshare } from './index.ts'

const lines = (program: Program, open = {}) => explain(program, { why: false, open })

test('unshare is one call', () => {
  expect(lines(unshare(['net', 'user']))).toEqual(['unshare(CLONE_NEWUSER|CLONE_NEWNET)'])
  expect(unshare([])).toEqual([])
})

test('a process is joined in one call', () => {
  expect(lines(join({ pidfd: { fd: 'target' }, kinds: ['net', 'mnt', 'user'] }), { target: 3 })).toEqual(['setns(3<target>, CLONE_NEWNS|CLONE_NEWUSER|CLONE_NEWNET)'])
  expect(join({ pidfd: 3, kinds: [] })).toEqual([])
})

test('namespaces are joined user first, mount last', () => {
  expect(lines(join({ fds: { mnt: 3, net: 4, user: 5 } }))).toEqual(['setns(5, CLONE_NEWUSER)', 'setns(4, CLONE_NEWNET)', 'setns(3, CLONE_NEWNS)'])
  expect(() => join({ fds: { network: 3 } as object })).toThrow('There is no namespace "network"')
})

test('names', () => {
  expect(lines([...hostname('box'), ...domainname('')])).toEqual(['sethostname("box", 3)', 'setdomainname("", 0)'])
  expect(lines(hostname('ä'.repeat(32)))[0]).toMatch(/, 64\)$/)
  expect(() => hostname('ä'.repeat(33))).toThrow(new RangeError(`Cannot set the host name to "${'ä'.repeat(33)}": it has 66 bytes, the kernel takes 64`))
  expect(() => hostname('a\0b')).toThrow(TypeError)
})

test('the loopback device comes up with one ioctl', () => {
  expect(lines(loopbackUp())).toEqual([
    'socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP)', 'ioctl(3<loopback>, SIOCSIFFLAGS, {ifr_name="lo", ifr_flags=IFF_UP})', 'close(3<loopback>)'])
})

test('setgroups is denied before gid_map is written', () => {
  const map = [{ inside: 0, outside: 1000, length: 1 }]
  expect(lines(idMaps(7, { uid: map, gid: map, setgroups: 'deny' }))).toEqual([
    'openat(AT_FDCWD, "/proc/7/setgroups", O_WRONLY|O_CLOEXEC)', 'write(3<setgroups>, "deny", 4)', 'close(3<setgroups>)',
    'openat(AT_FDCWD, "/proc/7/uid_map", O_WRONLY|O_CLOEXEC)', 'write(3<uid_map>, "0 1000 1\\n", 9)', 'close(3<uid_map>)',
    'openat(AT_FDCWD, "/proc/7/gid_map", O_WRONLY|O_CLOEXEC)', 'write(3<gid_map>, "0 1000 1\\n", 9)', 'close(3<gid_map>)'])
  expect(idMaps(7, { uid: map, gid: map })).toHaveLength(6)
  expect(() => idMaps(0, { uid: map, gid: map })).toThrow(new RangeError('Cannot write ID maps of process 0'))
  expect(() => idMaps(7, { uid: map, gid: [] })).toThrow(RangeError)
})

test('a namespace is pinned on a new file', () => {
  expect(lines([...pin('/proc/7/ns/net', '/run/netns/box'), ...unpin('/run/netns/box')])).toEqual([
    'open_tree(AT_FDCWD, "/proc/7/ns/net", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)',
    'openat(AT_FDCWD, "/run/netns/box", O_RDONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0400)',
    'move_mount(3<namespace>, "", 4<pin>, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
    'close(4<pin>)', 'close(3<namespace>)',
    'umount2("/run/netns/box", MNT_DETACH|UMOUNT_NOFOLLOW)', 'unlinkat(AT_FDCWD, "/run/netns/box", 0)'])
})

test('no program has a mistake that can be seen', () => {
  const map = [{ inside: 0, outside: 1000, length: 1 }]
  for (const program of [unshare(['net']), join({ pidfd: 3, kinds: ['net'] }), hostname('x'), domainname('x'), loopbackUp(), pin('/a', '/b'), unpin('/b'), idMaps(1, { uid: map, gid: map, setgroups: 'deny' })]) expect(check(program)).toEqual([])
})
