import { expect, test } from 'vitest'
import type { Layout } from '@ctr/cgroup'
import { root } from './caller.ts'
import { resourcesShape } from './config/resources-shape.ts'
import { groupSettings } from './lifecycle/make-group.ts'
import { limitsOf, newLimitsOf } from './resources.ts'
import type { Json } from './json/parse.ts'

const resources = (json: Json) => resourcesShape(json, 'linux.resources')

test('a period without a quota, as of every container of Kubernetes without a limit, has none in a new group', () => {
  expect(newLimitsOf(resources({ cpu: { period: 100_000 } }))).toEqual({ cpuPeriodMicros: 100_000, cpuQuotaMicros: 'max' })
  expect(newLimitsOf(resources({ cpu: { period: 100_000, quota: 0 } }))).toEqual({ cpuPeriodMicros: 100_000, cpuQuotaMicros: 'max' })
  expect(newLimitsOf(resources({ cpu: { period: 100_000, quota: 5000 } }))).toEqual({ cpuPeriodMicros: 100_000, cpuQuotaMicros: 5000 })
  expect(limitsOf(resources({ cpu: { period: 100_000 } }))).toEqual({ cpuPeriodMicros: 100_000 })
})

test('what is more than any machine has is no limit', () => {
  // PAGE_COUNTER_MAX, as the files of version 1 have it.
  expect(limitsOf(resources({ memory: { limit: 2n ** 63n - 4096n, swap: 2n ** 63n - 4096n } }))).toEqual({ memoryBytes: 'max', memorySwapBytes: 'max' })
  const device = { major: 8, minor: 0 }
  expect(limitsOf(resources({ blockIO: { throttleReadBpsDevice: [{ ...device, rate: 2n ** 64n - 1n }], throttleReadIOPSDevice: [{ ...device, rate: 2 ** 40 }] } })))
    .toEqual({ io: [{ device: '8:0', readBytesPerSecond: 'max', readsPerSecond: 2 ** 32 - 1 }] })
})

test('an idle group has no weight of its own', () => {
  expect(limitsOf(resources({ cpu: { idle: 1, shares: 512 } }))).toEqual({ cpuIdle: true })
})

const v1: Layout = { mode: 'v1', own: {}, disabled: [], hierarchies: [{ version: 1, mountpoint: '/sys/fs/cgroup/cpu', controllers: ['cpu', 'pids', 'memory'], own: '/', root: '/' }] as unknown as Layout['hierarchies'] }

test('what no file would take is said before there is a group, and where it was asked for', () => {
  const settings = (json: Json) => () => groupSettings({ layout: v1, path: '/x', places: [{}] as never }, { ociVersion: '1.0.0', linux: { resources: resources(json) } }, root)
  expect(settings({ cpu: { quota: 1 } })).toThrow('linux.resources: Cannot set cpu quota to 1: not a whole number from 1000')
  expect(settings({ pids: { limit: 2 ** 40 } })).toThrow('linux.resources: Cannot set pids.max to 1099511627776')
  expect(settings({ memory: { swap: 4096 } })).toThrow('linux.resources: Cannot set memory.memsw.limit_in_bytes to 4096')
  expect(() => resources({ blockIO: { throttleReadBpsDevice: [{ major: -1, minor: 0, rate: 1 }] } })).toThrow('linux.resources.blockIO.throttleReadBpsDevice[0].major: -1 is not')
})
