import { check, explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { group } from './group.ts'
import { cloneInto, joinCalls } from './join-calls.ts'
import type { Layout } from './layout.ts'
import { removalCalls } from './removal-calls.ts'

const hierarchy = (version: 1 | 2, mountpoint: string, ...controllers: string[]) => ({ version, mountpoint, root: '/', controllers, own: '/', readOnly: false })
const v1 = hierarchy(1, '/c/cpu,cpuacct', 'cpu', 'cpuacct')
const layoutOf = (mode: Layout['mode'], ...hierarchies: Layout['hierarchies']): Layout => ({ mode, hierarchies, own: {}, disabled: [] })
const hybrid = group(layoutOf('hybrid', v1, hierarchy(2, '/c/unified')), '/ctrun/a')
const v2 = group(layoutOf('v2', hierarchy(2, '/c', 'cpu')), '/ctrun/a')
const lines = (program: Parameters<typeof explain>[0]) => program.map(({ name, args }) => [name, ...args].map((each) => (typeof each === 'object' ? JSON.stringify(each) : each)).join(' '))

test('v1 joins by tasks, v2 by cgroup.procs', () => {
  expect(lines(joinCalls(hybrid))).toEqual([
    'openat AT_FDCWD /c/cpu,cpuacct/ctrun/a/tasks ["O_WRONLY","O_CLOEXEC"] 0',
    'write {"fd":"cgroup0"} 0',
    'close {"fd":"cgroup0"}',
    'openat AT_FDCWD /c/unified/ctrun/a/cgroup.procs ["O_WRONLY","O_CLOEXEC"] 0',
    'write {"fd":"cgroup1"} 0',
    'close {"fd":"cgroup1"}',
  ])
})

test('a process cloned into the v2 directory joins the rest', () => {
  expect(cloneInto(hybrid)).toBe('/c/unified/ctrun/a')
  expect(joinCalls(hybrid, { clonedInto: true })).toEqual(joinCalls(hybrid).slice(0, 3))
  expect(joinCalls(v2, { clonedInto: true })).toEqual([])
  expect(cloneInto(group(layoutOf('v1', v1), '/a'))).toBeUndefined()
})

test('the programs have no mistakes', () => {
  expect(check(joinCalls(hybrid))).toEqual([])
  expect(check(removalCalls(hybrid, { parents: true }))).toEqual([])
})

test('removal is one rmdir a hierarchy, and the parents on request; in use or gone is no failure', () => {
  expect(lines(removalCalls(hybrid))).toEqual(['unlinkat AT_FDCWD /c/cpu,cpuacct/ctrun/a ["AT_REMOVEDIR"]', 'unlinkat AT_FDCWD /c/unified/ctrun/a ["AT_REMOVEDIR"]'])
  expect(lines(removalCalls(v2, { parents: true }))).toEqual(['unlinkat AT_FDCWD /c/ctrun/a ["AT_REMOVEDIR"]', 'unlinkat AT_FDCWD /c/ctrun ["AT_REMOVEDIR"]'])
  for (const call of removalCalls(hybrid, { parents: true })) expect(call.allow).toEqual(['ENOENT', 'EBUSY'])
})
