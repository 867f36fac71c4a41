import { expect, test } from 'vitest'
import { cloneFlags, isKind, kinds } from './index.ts'

test('eight kinds, each with a flag of its own', () => {
  expect(kinds).toEqual(['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup', 'time'])
  expect(cloneFlags(kinds)).toEqual(['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID', 'CLONE_NEWNET', 'CLONE_NEWIPC', 'CLONE_NEWUTS', 'CLONE_NEWCGROUP', 'CLONE_NEWTIME'])
})

test('flags come in one order, each once', () => {
  expect(cloneFlags(['uts', 'net', 'uts'])).toEqual(['CLONE_NEWNET', 'CLONE_NEWUTS'])
  expect(cloneFlags([])).toEqual([])
})

test('refuses another word', () => {
  expect(() => cloneFlags(['network' as 'net'])).toThrow(new TypeError('There is no namespace "network": the kinds are user, mnt, pid, net, ipc, uts, cgroup, time'))
  expect(isKind('net')).toBe(true)
  expect(isKind('toString')).toBe(false)
})
