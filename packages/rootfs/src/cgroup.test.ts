import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { cgroupMount, openGroups, type CgroupView } from './index.ts'

const root = { fd: 'root' }
const sys = { '/sys': { fd: 'sys' } }
const lines = (view: CgroupView) => explain([...openGroups(view), ...cgroupMount({ root, within: sys, ...view })], { why: false, names: false, open: { root: 3, sys: 4 } })

test('v2 is one mount', () => {
  expect(lines({})).toEqual(['fsopen("cgroup2", FSOPEN_CLOEXEC)', 'fsconfig(5, FSCONFIG_SET_STRING, "source", "cgroup", 0)', 'fsconfig(5, FSCONFIG_CMD_CREATE, NULL, NULL, 0)',
    'fsmount(5, FSMOUNT_CLOEXEC, MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC)', 'close(5)', 'move_mount(6, "", 4, "fs/cgroup", MOVE_MOUNT_F_EMPTY_PATH)', 'close(6)'])
})

test('without a namespace it is the container\'s own group', () => {
  expect(lines({ group: '/sys/fs/cgroup/mine' })).toEqual(['open_tree(AT_FDCWD, "/sys/fs/cgroup/mine", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC)',
    'mount_setattr(5, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID|MOUNT_ATTR_NODEV|MOUNT_ATTR_NOEXEC, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32)', 'move_mount(5, "", 4, "fs/cgroup", MOVE_MOUNT_F_EMPTY_PATH)', 'close(5)'])
})

test('each controller has its name, also where several share a hierarchy', () => {
  const program = cgroupMount({ root, hierarchies: { 'cpu,cpuacct': ['cpu', 'cpuacct'], cpuacct: { group: '/x' }, unified: 'cgroup2' } })
  expect(program.filter((call) => call.name === 'symlinkat').map((call) => call.args)).toEqual([['cpu,cpuacct', { fd: 'cgroups' }, 'cpu']])
  expect(program.filter((call) => call.name === 'fsopen').map((call) => call.args[0])).toEqual(['tmpfs', 'cgroup', 'cgroup2'])
  expect(check([...openGroups({ hierarchies: { cpuacct: { group: '/x' } } }), ...program], { root: 3 })).toEqual([])
})
