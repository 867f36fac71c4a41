import { check, descriptors, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { defaultMaskedPaths, defaultReadOnlyPaths, dev, directoryRoot, hostRoot, mask, moveRoot, openNull, pivotRoot, privatePropagation, proc, readOnlyPaths, readOnlyRoot, sysfs, workingDirectory } from './index.ts'

const root = { fd: 'root' }
const within = { '/proc': { fd: 'proc' }, '/sys': { fd: 'sys' } }
const kind = (path: string) => ({ path, kind: /acpi|asound|scsi|firmware|powercap/.test(path) ? 'directory' as const : 'file' as const })

function whole(rootProgram = hostRoot({ at: '/mnt', as: 'root' })) {
  return [
    ...privatePropagation(), ...openNull(), ...rootProgram, ...proc({ root, as: 'proc' }), ...sysfs({ root, as: 'sys' }), ...dev({ root }),
    ...mask({ root, paths: defaultMaskedPaths.map(kind), nullSource: { fd: 'null' }, within }),
    ...readOnlyPaths({ root, paths: defaultReadOnlyPaths.map(kind), within }),
    ...readOnlyRoot({ root }), ...pivotRoot({ root }), ...workingDirectory({ path: '/usr' }),
  ]
}

test('a whole root has no mistake that can be found without running it', () => {
  expect(check(whole())).toEqual([])
  expect(check(whole(directoryRoot({ source: '/r', as: 'root' })))).toEqual([])
  expect(check([...privatePropagation(), ...directoryRoot({ source: '/r', as: 'root' }), ...moveRoot({ root })])).toEqual([])
})

test('leaves no descriptor open but those the caller named', () => {
  expect([...descriptors(whole()).left.keys()]).toEqual(['proc', 'sys'])
})

test('every descriptor is close-on-exec', () => {
  for (const call of whole()) if (call.as !== undefined) expect(JSON.stringify(call.args), call.as).toMatch(/CLOEXEC/)
})

test('every reason is one lower-case clause', () => {
  for (const call of whole()) expect(call.why).toMatch(/^[a-z/][^\n]*[^.]$/)
})

test('nothing inside the root is named by a path that begins at /', () => {
  const calls = whole()
  const from = calls.findIndex((call) => call.as === 'root') + 1
  const absolute = calls.slice(from).filter((call) => call.name !== 'symlinkat' && call.name !== 'mount' && call.args.some((arg) => typeof arg === 'string' && arg.startsWith('/')))
  expect(explain(absolute, { why: false })).toEqual(['chdir("/")'])
})

test('the new root replaces the old in five calls', () => {
  expect(explain(pivotRoot({ root }), { why: false, open: { root: 3 } })).toEqual(['fchdir(3<root>)', 'close(3<root>)', 'pivot_root(".", ".")', 'umount2(".", MNT_DETACH)', 'chdir("/")'])
})

test('the masks of one kind share one file system', () => {
  const program = mask({ root, nullSource: { fd: 'null' }, within, paths: [kind('/proc/keys'), kind('/proc/acpi'), kind('/sys/firmware'), kind('/proc/timer_list')] })
  expect(explain(program, { why: false, names: false, open: { root: 3, proc: 4, sys: 5, null: 6 } })).toEqual([
    'open_tree(6, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)',
    'mount_setattr(7, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NOEXEC, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)',
    'move_mount(7, "", 4, "keys", MOVE_MOUNT_F_EMPTY_PATH)',
    'open_tree(7, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)',
    'move_mount(8, "", 4, "timer_list", MOVE_MOUNT_F_EMPTY_PATH)',
    'close(8)', 'close(7)',
    'fsopen("tmpfs", FSOPEN_CLOEXEC)', 'fsconfig(7, FSCONFIG_SET_STRING, "source", "mask", 0)', 'fsconfig(7, FSCONFIG_SET_STRING, "mode", "755", 0)',
    'fsconfig(7, FSCONFIG_SET_STRING, "nr_inodes", "1", 0)', 'fsconfig(7, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
    'fsmount(7, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)', 'close(7)',
    'move_mount(8, "", 4, "acpi", MOVE_MOUNT_F_EMPTY_PATH)',
    'open_tree(8, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH)',
    'move_mount(7, "", 5, "firmware", MOVE_MOUNT_F_EMPTY_PATH)', 'close(7)', 'close(8)', 'close(6)',
  ])
})

test('a path with .. is not taken for one below a kept mount', () => {
  const program = readOnlyPaths({ root, paths: [{ path: '/proc/../etc', kind: 'directory' }], within })
  expect(program[0]).toMatchObject({ name: 'openat2', args: [root, 'proc/../etc', { resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'] }] })
})

test('the host root refuses names that are not directly in the root', () => {
  for (const name of ['a/b', '', '.', '..']) expect(() => hostRoot({ at: '/mnt', as: 'root', empty: { [name]: 0o755 } })).toThrow(`Cannot empty ${JSON.stringify(name)}`)
})
