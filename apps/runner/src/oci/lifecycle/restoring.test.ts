import type { Group } from '@ctr/cgroup'
import { explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import type { OciConfig } from '../config/config-shape.ts'
import { checkRestore, groupRoots, passedOn, shownGroup, stdioOf } from './restoring.ts'

test('groups that CRIU is in, by controller; version 2 has none', () => {
  expect(groupRoots('4:cpu,cpuacct:/a\n1:name=systemd:/b\n0::/c\n')).toEqual([{ ctrl: 'cpu', path: '/a' }, { ctrl: 'cpuacct', path: '/a' }, { ctrl: 'name=systemd', path: '/b' }, { ctrl: '', path: '/c' }])
})

test('CRIU has of ours what the container had of its caller\'s, and no more', () => {
  expect(stdioOf([{ fd: 0, key: 'file[1:2]', nowhere: true }, { fd: 1, key: 'pipe:[7]', nowhere: false }])).toEqual(['ignore', 'inherit', 'ignore'])
})

const group = (mode: 'v1' | 'v2'): Group => ({ layout: { mode, hierarchies: [], own: {}, disabled: [] }, path: '/a', places: [{ version: 2, controllers: [], mountpoint: '/sys/fs/cgroup', directory: '/sys/fs/cgroup/a' }] } as unknown as Group)
const of = (more: Partial<OciConfig>, ...namespaces: ('cgroup')[]): OciConfig => ({
  ociVersion: '1.2.0', process: { cwd: '/', args: ['true'] }, linux: { namespaces: (['mount', 'pid', ...namespaces] as const).map((type) => ({ type })) }, ...more,
})

test('a group is shown as it is where there is no namespace of them', () => {
  expect([shownGroup(of({}), group('v2')), shownGroup(of({}, 'cgroup'), group('v2'))]).toEqual(['/sys/fs/cgroup/a', undefined])
})

test('what CRIU does not restore it is given itself', () => {
  expect(explain(passedOn(of({ process: { cwd: '/', args: ['true'], noNewPrivileges: true, ioPriority: { class: 'IOPRIO_CLASS_IDLE' } } }), 'k')).map((line) => line.split('(')[0])).toEqual(['keyctl', 'keyctl', 'ioprio_set', 'prctl'])
  expect(explain(passedOn(of({}), 'k')).map((line) => line.split('(')[0])).toEqual(['keyctl', 'keyctl'])
})

test('what CRIU would make otherwise than create does is refused', () => {
  const groups = { mounts: [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' }] }
  expect(() => checkRestore(of(groups), group('v2'), {})).not.toThrow()
  expect(() => checkRestore(of(groups, 'cgroup'), group('v1'), {})).not.toThrow()
  expect(() => checkRestore(of(groups), group('v1'), {})).toThrow('mounts[0]: restore is not supported with a view of groups of version 1')
  const ids = [{ containerID: 0, hostID: 1, size: 1 }]
  expect(() => checkRestore(of({ mounts: [{ destination: '/a', type: 'bind', source: '/a', uidMappings: ids, gidMappings: ids }] }), group('v2'), {})).toThrow('mounts[0]: restore is not supported with a mount whose IDs are mapped')
  expect(() => checkRestore(of({}), group('v2'), { consoleSocket: '/s' })).toThrow('cannot use console socket')
  expect(() => checkRestore(of({ process: { cwd: '/', args: ['true'], terminal: true } }), group('v2'), {})).toThrow('without setting console socket')
})
