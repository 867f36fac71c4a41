import { explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { netnsFolderMounted, netnsPath, pinNetns, unpinNetns } from './index.ts'

test('a name is a file of /run/netns', () => {
  expect(netnsPath('box')).toBe('/run/netns/box')
  for (const name of ['', '.', '..', 'a/b', 'a\0', 'x'.repeat(256), 'ä'.repeat(128)]) expect(() => netnsPath(name)).toThrow(new TypeError(`Cannot name a network namespace ${JSON.stringify(name)}: it is the name of a file`))
})

test('the folder is made and shared once, and then it is a pin like any other', () => {
  const lines = (folderMounted: boolean) => explain([...pinNetns('/proc/7/ns/net', 'box', { folderMounted }), ...unpinNetns('box')]).map((line) => line.split('  ')[0])
  expect(lines(false).slice(0, 3)).toEqual(['mkdirat(AT_FDCWD, "/run/netns", 0755)', 'mount("/run/netns", "/run/netns", NULL, MS_BIND|MS_REC, NULL)', 'mount(NULL, "/run/netns", NULL, MS_REC|MS_SHARED, NULL)'])
  expect(lines(false).slice(3)).toEqual(lines(true))
  expect(lines(true)[1]).toBe('openat(AT_FDCWD, "/run/netns/box", O_RDONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC, 0400)')
  expect(lines(true).slice(-2)).toEqual(['umount2("/run/netns/box", MNT_DETACH|UMOUNT_NOFOLLOW)', 'unlinkat(AT_FDCWD, "/run/netns/box", 0)'])
})

test('whether it is shared is in mountinfo', () => {
  const mounted = '31 25 0:22 /netns /run/netns rw shared:5 - tmpfs tmpfs rw\n'
  expect([netnsFolderMounted(mounted), netnsFolderMounted('25 1 0:20 / / rw - ext4 /dev/vda rw\n' + mounted.replaceAll('/run/netns', '/run/netns/box')), netnsFolderMounted('')]).toEqual([true, false, false])
})
