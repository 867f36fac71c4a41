import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { attachSource, bind, openSource, parseMountOptions } from './index.ts'

const root = { fd: 'root' }

test('is read-only with all below before it is attached', () => {
  const program = bind({ source: '/data', recursive: true, root, path: '/mnt', kind: 'directory', readOnly: true })
  expect(explain(program, { why: false, open: { root: 3 } })).toEqual([
    'open_tree(AT_FDCWD, "/data", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)',
    'mount_setattr(4<source>, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=0}, 32)',
    'mount_setattr(4<source>, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=0, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)',
    'openat2(3<root>, "mnt", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'move_mount(4<source>, "", 5<target>, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)',
    'close(5<target>)',
    'close(4<source>)',
  ])
  expect(check(program, { root: 3 })).toEqual([])
})

test('several sources are taken before the first is attached', () => {
  const program = [...openSource({ source: '/a', as: 'a' }), ...openSource({ source: '/b', as: 'b' }),
    ...attachSource({ from: { fd: 'a' }, root, path: 'x', kind: 'file' }), ...attachSource({ from: { fd: 'b' }, root, path: 'y', kind: 'file' })]
  expect(check(program, { root: 3 })).toEqual([])
  const names = program.map((call) => call.name)
  expect(names.lastIndexOf('open_tree')).toBeLessThan(names.indexOf('move_mount'))
})

test('takes attributes as mount options give them', () => {
  const { attributes } = parseMountOptions('ro,noatime,rnosuid,rslave')
  expect(attachSource({ from: { fd: 'a' }, root, path: 'x', kind: 'directory', attributes }).filter((call) => call.name === 'mount_setattr').map((call) => call.args)).toEqual([
    // ro is for this mount only, although the propagation is for all below
    [{ fd: 'a' }, '', ['AT_EMPTY_PATH'], { attr_set: ['MOUNT_ATTR_RDONLY', 'MOUNT_ATTR_NOATIME'], attr_clr: ['MOUNT_ATTR__ATIME'] }],
    [{ fd: 'a' }, '', ['AT_EMPTY_PATH', 'AT_RECURSIVE'], { attr_set: ['MOUNT_ATTR_NOSUID'], propagation: ['MS_SLAVE'] }],
  ])
})

test('a part of a volume is found inside of it', () => {
  const program = openSource({ source: '/volumes/v', subpath: '/a/b', recursive: true, as: 'part of v' })
  expect(explain(program, { why: false, names: false })).toEqual([
    'openat(AT_FDCWD, "/volumes/v", O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY)', 'openat2(3, "a/b", {flags=O_RDONLY|O_CLOEXEC|O_PATH, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'open_tree(4, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)', 'close(4)', 'close(3)'])
  expect(check(bind({ source: '/v', subpath: 'a', root, path: '/x', kind: 'file' }), { root: 3 })).toEqual([])
})
