import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { filesystemByMount } from './index.ts'

test('is on / for a moment, with flags and options as mount(2) has them', () => {
  const program = filesystemByMount({ type: 'overlay', data: ['lowerdir=/a:/b', 'context=u:r:t:s0:c1,c2', 'xino=off'], attributes: ['MOUNT_ATTR_RDONLY', 'MOUNT_ATTR_NOSYMFOLLOW', 'MOUNT_ATTR_NOATIME'], as: 'mount' })
  expect(explain(program, { why: false })).toEqual([
    'mount("overlay", "/", "overlay", MS_RDONLY|MS_NOSYMFOLLOW|MS_NOATIME, "lowerdir=/a:/b,context=\\"u:r:t:s0:c1,c2\\",xino=off")', 'open_tree(AT_FDCWD, "/..", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)', 'umount2("/..", MNT_DETACH)'])
  expect(check(program)).toEqual([])
})

test('refuses what the kernel would cut off', () => {
  expect(() => filesystemByMount({ type: 'overlay', data: [`lowerdir=${'ä'.repeat(2048)}`], as: 'x' })).toThrow('Cannot pass more than 4095 bytes of options')
})
