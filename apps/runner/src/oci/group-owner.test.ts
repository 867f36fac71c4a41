import type { Layout } from '@ctr/cgroup'
import { expect, test } from 'vitest'
import { root } from './caller.ts'
import { groupOwner } from './group-owner.ts'
import { parseConfig } from './config/read-config.ts'
import { hostId } from './host-id.ts'

const map = [{ containerID: 0, hostID: 100_000, size: 1000 }, { containerID: 5000, hostID: 7, size: 1 }]
const v2 = { mode: 'v2' } as Layout
const config = ({ uid = 0, options = [], namespaces = [{ type: 'cgroup' }, { type: 'user' }], maps = true }: { uid?: number; options?: string[]; namespaces?: { type: string; path?: string }[]; maps?: boolean } = {}) => parseConfig({
  ociVersion: '1.2.0', process: { cwd: '/', args: ['x'], user: { uid, gid: 0 } }, root: { path: 'rootfs' },
  mounts: [{ destination: '/sys/fs/cgroup/', type: 'cgroup', source: 'cgroup', options }],
  linux: { namespaces: [{ type: 'mount' }, ...namespaces], ...(maps ? { uidMappings: map, gidMappings: map } : {}) },
})

test('an ID is found in its range of the map', () => {
  expect([hostId(0, map), hostId(999, map), hostId(1000, map), hostId(5000, map), hostId(5, undefined)]).toEqual([100_000, 100_999, undefined, 7, 5])
})

test('the group is the user\'s who may write to it, and nobody\'s else', () => {
  expect(groupOwner(config(), v2, root)).toBe(100_000)
  expect(groupOwner(config({ uid: 30 }), v2, root)).toBe(100_030)
  expect(groupOwner(config({ uid: 30, namespaces: [{ type: 'cgroup' }], maps: false }), v2, root)).toBe(30)
  expect(groupOwner(config({ options: ['ro'] }), v2, root)).toBeUndefined()
  expect(groupOwner(config({ namespaces: [{ type: 'user' }] }), v2, root)).toBeUndefined()
  expect(groupOwner(config({ namespaces: [{ type: 'cgroup' }, { type: 'user', path: '/proc/1/ns/user' }], maps: false }), v2, root)).toBeUndefined()
  expect(groupOwner(config(), { mode: 'hybrid' } as Layout, root)).toBeUndefined()
})

test('who may give nothing away keeps it, where the user is another one', () => {
  const caller = { uid: 100_000, privileged: false }
  expect([groupOwner(config(), v2, caller), groupOwner(config({ uid: 30 }), v2, caller)]).toEqual([100_000, undefined])
})
