import { expect, test } from 'vitest'
import { capabilities, defaultCapabilities, resolve } from './index.ts'

test('nothing asked for: the default', () => {
  expect(resolve()).toEqual(defaultCapabilities)
  expect(resolve({ base: [] })).toEqual([])
})

test('added and dropped', () => {
  expect(resolve({ base: ['CAP_KILL', 'CAP_CHOWN'], add: ['net_admin'], drop: ['kill'] })).toEqual(['CAP_CHOWN', 'CAP_NET_ADMIN'])
})

// The cases of moby's TweakCapabilities.
test('one that is dropped and added is granted', () => expect(resolve({ base: ['CAP_KILL'], add: ['kill'], drop: ['kill'] })).toEqual(['CAP_KILL']))
test('drop ALL leaves what is added', () => expect(resolve({ drop: ['ALL'], add: ['mknod', 'chown', 'MKNOD'] })).toEqual(['CAP_CHOWN', 'CAP_MKNOD']))
test('add ALL gives all but the dropped', () => expect(resolve({ add: ['all'], drop: ['sys_admin'] })).toEqual(capabilities.filter((name) => name !== 'CAP_SYS_ADMIN')))
test('add ALL wins over drop ALL', () => expect(resolve({ add: ['ALL'], drop: ['ALL'] })).toEqual(capabilities))
test('ALL is no more than there is to give', () => expect(resolve({ add: ['ALL'], drop: ['kill'], all: ['CAP_KILL', 'CAP_CHOWN'] })).toEqual(['CAP_CHOWN']))

test('what there is not to give is left out, unless it was asked for by name', () => {
  expect(resolve({ base: ['CAP_KILL', 'CAP_MKNOD'], add: ['sys_time'], all: ['CAP_KILL'] })).toEqual(['CAP_KILL', 'CAP_SYS_TIME'])
})

test('refuses a name that is none', () => {
  expect(() => resolve({ add: ['net_admim'] })).toThrow('did you mean CAP_NET_ADMIN?')
  expect(() => resolve({ drop: ['x'] })).toThrow('There is no capability "x"')
})
