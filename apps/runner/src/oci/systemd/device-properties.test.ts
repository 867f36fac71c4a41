import { expect, test } from 'vitest'
import type { DeviceRule } from '@ctr/cgroup'
import { deviceProperties } from './device-properties.ts'

const none: DeviceRule = { allow: false, type: 'a' }
const all: DeviceRule = { allow: true, type: 'a' }
const told = (...rules: DeviceRule[]) => {
  const properties = deviceProperties(rules).map(([name, { value }]) => [name, value])
  // The first list takes away what the unit had.
  expect(properties[1]).toEqual(['DeviceAllow', []])
  return [properties[0]![1], properties[2]![1]]
}

test('what is allowed besides nothing', () => {
  expect(told(none, { allow: true, type: 'c', major: 1, minor: 3 }, { allow: true, type: 'c', major: 136 }, { allow: true, type: 'b', access: 'm' }, { allow: true, type: 'b', major: 8, minor: 0, access: 'r' }))
    .toEqual(['strict', [['/dev/char/1:3', 'rwm'], ['char-136', 'rwm'], ['block-*', 'm'], ['/dev/block/8:0', 'r']]])
  expect(told()).toEqual(['strict', []])
})

test('everything', () => expect(told(none, all)).toEqual(['strict', [['char-*', 'rwm'], ['block-*', 'rwm']]]))

test('what systemd has no words for it refuses', () => {
  expect(told({ allow: true, type: 'c', minor: 3 })).toEqual(['strict', []])
  expect(told(all, { allow: true, type: 'c', major: 1, minor: 8 }, { allow: false, type: 'b', major: 8 }, { allow: true, type: 'c', major: 1, minor: 3 })).toEqual(['strict', [['/dev/char/1:3', 'rwm']]])
})
