import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { parseMountOptions, remount } from './index.ts'

const root = { fd: 'root' }
const lines = (path: string, options: string) => explain(remount({ root, path, ...parseMountOptions(options) }), { why: false, names: false, open: { root: 3 } })

test('flags are the mount\'s, options are the file system\'s', () => {
  expect(lines('/a/b', 'remount,ro,rnosuid,size=1m,noswap')).toEqual([
    'openat2(3, "a/b", {flags=O_RDONLY|O_CLOEXEC|O_PATH, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'mount_setattr(4, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32)',
    'mount_setattr(4, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_NOSUID, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32)',
    'fspick(4, "", FSPICK_CLOEXEC|FSPICK_EMPTY_PATH)', 'fsconfig(5, FSCONFIG_SET_STRING, "size", "1m", 0)', 'fsconfig(5, FSCONFIG_SET_FLAG, "noswap", NULL, 0)', 'fsconfig(5, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0)', 'close(5)', 'close(4)'])
})

test.each(['/', '', '//.'])('%j is the root, whose descriptor stays open', (path) => {
  expect(lines(path, 'ro')).toEqual(['mount_setattr(3, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32)'])
  expect(check(remount({ root, path, ...parseMountOptions('ro,size=1m') }), { root: 3 })).toEqual([])
})
