import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { filesystem, proc, sysfs, tmpfs } from './index.ts'

const root = { fd: 'root' }

test('options with a value and without become what fsconfig takes', () => {
  expect(explain(filesystem({ type: 'vfat', source: '/dev/sda1', data: ['nonumtail', 'umask=022', 'odd=a=b'], attributes: ['MOUNT_ATTR_RDONLY'], as: 'disk' }), { why: false, names: false })).toEqual([
    'fsopen("vfat", FSOPEN_CLOEXEC)', 'fsconfig(3, FSCONFIG_SET_STRING, "source", "/dev/sda1", 0)', 'fsconfig(3, FSCONFIG_SET_FLAG, "nonumtail", NULL, 0)',
    'fsconfig(3, FSCONFIG_SET_STRING, "umask", "022", 0)', 'fsconfig(3, FSCONFIG_SET_STRING, "odd", "a=b", 0)', 'fsconfig(3, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
    'fsmount(3, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY)', 'close(3)'])
})

test('refuses what the kernel would cut off', () => {
  expect(() => filesystem({ type: 'tmpfs', data: [`x=${'ä'.repeat(128)}`], as: 'x' })).toThrow('Cannot give the file system an option of more than 255 bytes')
  expect(filesystem({ type: 'tmpfs', data: [`x=${'ä'.repeat(127)}y`], as: 'x' })).toHaveLength(5)
})

test('/proc is mounted on a real directory of the root, by descriptors', () => {
  expect(explain(proc({ root }), { why: false, names: false, open: { root: 3 } })).toEqual([
    'mkdirat(3, "proc", 0755)', 'openat2(3, "proc", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_SYMLINKS|RESOLVE_BENEATH}, 24)',
    'fsopen("proc", FSOPEN_CLOEXEC)', 'fsconfig(5, FSCONFIG_SET_STRING, "source", "proc", 0)', 'fsconfig(5, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
    'fsmount(5, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)', 'close(5)',
    'move_mount(6, "", 4, "", MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH)', 'close(4)', 'close(6)'])
})

test('/sys is read-only unless asked otherwise', () => {
  const attributes = (readOnly?: boolean) => sysfs({ root, ...(readOnly === undefined ? {} : { readOnly }) }).find((call) => call.name === 'fsmount')!.args[2]
  expect(attributes()).toContain('MOUNT_ATTR_RDONLY')
  expect(attributes(false)).not.toContain('MOUNT_ATTR_RDONLY')
})

test('a tmpfs is made before its place is looked up, and has its mode from the start', () => {
  const program = tmpfs({ root, path: '/x', mode: 0o1777, sizeBytes: 4096, data: ['nr_inodes=5'] })
  expect(check(program, { root: 3 })).toEqual([])
  expect(program.filter((call) => call.name === 'fsconfig').map((call) => call.args.slice(1))).toEqual([
    ['FSCONFIG_SET_STRING', 'source', 'tmpfs'], ['FSCONFIG_SET_STRING', 'mode', '1777'], ['FSCONFIG_SET_STRING', 'size', '4096'], ['FSCONFIG_SET_STRING', 'nr_inodes', '5'], ['FSCONFIG_CMD_CREATE']])
})
