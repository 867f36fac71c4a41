import { expect, test } from 'vitest'
import { group, type Layout } from '@ctr/cgroup'
import { root as caller } from '../caller.ts'
import type { OciMount } from '../config/config-shape.ts'
import type { OciFacts } from '../facts.ts'
import { enterRoot } from './root.ts'

const layout: Layout = { mode: 'v2', hierarchies: [], own: {}, disabled: [] }
const facts: OciFacts = { caller, rootfs: '/rootfs', cgroups: layout, hostCgroups: false, machine: 'x64', appArmor: false, seLinux: false, lastCap: 40, bounding: [], sources: {}, covered: {}, modes: {}, rlimits: {} }
const enter = (mounts: readonly OciMount[]) => enterRoot({ ociVersion: '1.0.0', mounts, linux: { namespaces: [{ type: 'mount' }] } }, facts, group(layout, '/x'), { ids: mounts.map(() => undefined), pivot: true })
const proc = { destination: '/proc', type: 'proc', source: 'proc' }

test('a mount whose calls cannot be written is named', () => {
  expect(() => enter([proc, { destination: '/a', type: 'tmpfs', source: 'x'.repeat(256) }])).toThrow('mounts[1]: Cannot give the file system an option of more than 255 bytes')
  expect(() => enter([proc, { destination: '/a', type: 'tmpfs', source: 'x' }, { destination: '/b', type: 'overlay', source: 'x', options: [`lowerdir=${'/l:'.repeat(2000)}`] }])).toThrow('mounts[2]: Cannot pass more than 4095 bytes of options')
  expect(enter([proc]).build.length).toBeGreaterThan(5)
})
