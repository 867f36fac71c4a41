import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { overlayRoot } from './index.ts'

test('is one mount, and one descriptor', () => {
  const program = overlayRoot({ lowers: ['/l/2', '/l/1'], upper: '/u', work: '/w', at: '/m', as: 'root' })
  expect(explain(program, { why: false })).toEqual([
    'mount("overlay", "/m", "overlay", MS_NODEV, "lowerdir=/l/2:/l/1,upperdir=/u,workdir=/w")',
    'openat(AT_FDCWD, "/m", O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY)',
  ])
  expect(check(program)).toEqual([])
})

test('escapes what separates layers and options', () => {
  expect(overlayRoot({ lowers: ['a:b', 'c,d\\'], upper: 'u:,', work: 'w', at: '/m', as: 'root' })[0]!.args[4]).toBe('lowerdir=a\\:b:c\\,d\\\\,upperdir=u:\\,,workdir=w')
})

test('layers one by one need no escaping', () => {
  const program = overlayRoot({ lowers: ['/l:2', '/l,1'], upper: '/u', work: '/w', at: '/m', data: ['userxattr'], oneByOne: true, as: 'root' })
  expect(explain(program, { why: false, names: false })).toEqual([
    'fsopen("overlay", FSOPEN_CLOEXEC)', 'fsconfig(3, FSCONFIG_SET_STRING, "source", "overlay", 0)', 'fsconfig(3, FSCONFIG_SET_STRING, "lowerdir+", "/l:2", 0)', 'fsconfig(3, FSCONFIG_SET_STRING, "lowerdir+", "/l,1", 0)',
    'fsconfig(3, FSCONFIG_SET_STRING, "upperdir", "/u", 0)', 'fsconfig(3, FSCONFIG_SET_STRING, "workdir", "/w", 0)', 'fsconfig(3, FSCONFIG_SET_FLAG, "userxattr", NULL, 0)', 'fsconfig(3, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
    'fsmount(3, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV)', 'close(3)', 'move_mount(4, "", AT_FDCWD, "/m", MOVE_MOUNT_F_EMPTY_PATH)'])
  expect(check(program)).toEqual([])
  expect(() => overlayRoot({ lowers: ['a'], at: '/m', oneByOne: true, as: 'root' })).toThrow('so few layers')
  expect(() => overlayRoot({ lowers: ['a', 'x'.repeat(256)], at: '/m', oneByOne: true, as: 'root' })).toThrow('more than 255 bytes')
})

test.each([
  [{ lowers: [] }, 'Cannot make an overlay of so few layers: []'],
  [{ lowers: ['a'] }, 'Cannot make an overlay of so few layers: ["a"]'],
  [{ lowers: ['a'], upper: 'u' }, 'Cannot use only one of upper and work'],
  [{ lowers: Array.from({ length: 501 }, () => 'a') }, 'Cannot stack more than 500 layers: 501'],
  [{ lowers: ['a', 'x'.repeat(4090)] }, 'more than 4095 bytes'],
])('refuses %#', (options, message) => {
  expect(() => overlayRoot({ ...options, at: '/m', as: 'root' })).toThrow(message)
})
