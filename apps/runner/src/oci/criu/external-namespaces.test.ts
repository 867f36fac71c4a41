import { expect, test } from 'vitest'
import type { OciConfig } from '../config/config-shape.ts'
import { checkRestorable, externalNamespaces, joinedNamespaces } from './external-namespaces.ts'

const of = (...namespaces: NonNullable<NonNullable<OciConfig['linux']>['namespaces']>): OciConfig => ({ ociVersion: '1.2.0', linux: { namespaces } })

test('those by path: some stay outside, others are joined', () => {
  const config = of({ type: 'mount' }, { type: 'pid', path: '/proc/7/ns/pid' }, { type: 'network', path: '/run/netns/a' }, { type: 'ipc', path: '/i' }, { type: 'uts', path: '/u' })
  expect(externalNamespaces(config).map(({ kind, key, path }) => [kind, key, path])).toEqual([['pid', 'extRootPidNS', '/proc/7/ns/pid'], ['net', 'extRootNetNS', '/run/netns/a']])
  expect(joinedNamespaces(config)).toEqual([{ ns: 'ipc', ns_file: '/i' }, { ns: 'uts', ns_file: '/u' }])
  expect(() => checkRestorable(config)).not.toThrow()
})

test.each([
  [[{ type: 'mount' }, { type: 'pid' }, { type: 'user' }], 'linux.namespaces[2]'], [[{ type: 'mount' }, { type: 'cgroup', path: '/c' }, { type: 'pid' }], 'linux.namespaces[1]'],
  [[{ type: 'pid' }], 'without a mount namespace'], [[{ type: 'mount' }], 'without a pid namespace'], [[{ type: 'mount', path: '/m' }, { type: 'pid' }], 'linux.namespaces[0]'],
] as const)('not with %j', (namespaces, words) => {
  expect(() => checkRestorable(of(...namespaces))).toThrow(words)
})
