import { expect, test } from 'vitest'
import { resolveUser } from './user.ts'

const passwd = 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/usr/sbin:\n# a comment\nuser:x:1000:1000::/home/user:/bin/sh\nnohome:x:7:8:::\n'
const group = 'root:x:0:\nuser:x:1000:\naudio:x:29:user,daemon\nwheel:x:10:user\n'
const resolve = (text: string, { users = passwd, groups = group } = {}) => resolveUser(text, users, groups)

test.each([
  ['0', 0, 0, [0], '/root'], ['root', 0, 0, [0], '/root'], ['1', 1, 1, [1, 29], '/usr/sbin'], ['daemon', 1, 1, [1, 29], '/usr/sbin'], ['user', 1000, 1000, [10, 29, 1000], '/home/user'], ['nohome', 7, 8, [8], '/'],
  ['user:audio', 1000, 29, [29], '/home/user'], ['user:0', 1000, 0, [0], '/home/user'], ['user:4242', 1000, 4242, [4242], '/home/user'], ['1:1000', 1, 1000, [1000], '/usr/sbin'],
  ['4242', 4242, 0, [0], '/'], ['4242:audio', 4242, 29, [29], '/'], ['4294967294', 4294967294, 0, [0], '/'], ['00001', 1, 1, [1, 29], '/usr/sbin'],
] as const)('%s', (text, uid, gid, groups, home) => {
  expect(resolve(text)).toEqual({ uid, gid, groups, home })
})

// T-USER3: CVE-2024-40635. What the kernel takes for "leave it as it is" would be root.
test.each(['', ':', ':0', 'nobody', 'user:', 'user:nobody', '1:2:3', '4294967295', '4294967296', '99999999999', 'user:4294967295', 'user:4294967296', '-1', '1 ', '0x0', '1e3'])('%j is nobody', (text) => {
  expect(() => resolve(text)).toThrow(RangeError)
})

test('a number is not a name, whatever the image calls its users and groups (CVE-2016-3697)', () => {
  const image = { users: '1000:x:0:0::/root:/bin/sh\n4294967295:x:0:0::/:\n', groups: '1000:x:0:\n' }
  expect(resolve('1000', image)).toMatchObject({ uid: 1000, gid: 0 })
  expect(resolve('1000:1000', image)).toMatchObject({ uid: 1000, gid: 1000, groups: [1000] })
  expect(() => resolve('4294967295', image)).toThrow('no such user')
  expect(() => resolve('4294967296', image)).toThrow('no such user')
})

test('a line of the image whose ID is none is no user (CVE-2024-40635)', () => {
  for (const id of ['4294967295', '4294967296', '18446744073709551616', '-1', '', '0x0', '1e1', ' 0']) {
    expect(() => resolve('evil', { users: `evil:x:${id}:0::/:\n` })).toThrow('no such user')
    expect(() => resolve('evil', { users: `evil:x:0:${id}::/:\n` })).toThrow('no such user')
    expect(() => resolve('user:evil', { groups: `evil:x:${id}:\n` })).toThrow('no such group')
  }
})
