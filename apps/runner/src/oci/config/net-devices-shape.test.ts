import { describe, expect, test } from 'vitest'
import { netDevices } from './net-devices-shape.ts'

const read = (devices: Readonly<Record<string, { readonly name?: string }>>) => netDevices(devices, 'linux.netDevices')

describe('names', () => {
  test.each(['eth0', 'fifteen-letters', 'wlp2s0.7@x', 'ö', '…'])('%j is one', (name) => {
    expect([...read({ [name]: {}, other: {} }).keys()]).toEqual([name, 'other'])
    expect(read({ eth0: { name } }).get('eth0')).toEqual({ name })
  })
  test.each(['sixteen-letters!', 'a/b', 'a:b', '.', '..', 'a b', 'a\u00a0b', 'a%', '%d%d', 'net%d0', 'à', 'a\tb', 'a\u2028b'])('%j is none', (name) => {
    expect(() => read({ [name]: {} })).toThrow(/^linux\.netDevices\[/)
    expect(() => read({ eth0: { name } })).toThrow(/^linux\.netDevices\["eth0"\]\.name: /)
  })
  test('the place, the value and what it should be are said', () => {
    expect(() => read({ eth0: { name: 'a/b' } })).toThrow('linux.netDevices["eth0"].name: "a/b" is not the name of a network device: at most 15 bytes, without slash, colon, percent sign and white space, and not . or .., or such a name with %d at its end')
    expect(() => read({ '': {} })).toThrow('linux.netDevices[""]: "" is not the name of a network device')
  })
})

test('an empty name is none, as encoders of Go write it', () => expect(read({ eth0: { name: '' } }).size).toBe(1))

test('a template is a name inside and not on the host; its number is the kernel\'s choice, so several may have it', () => {
  expect(read({ eth0: { name: 'net%d' }, eth1: { name: 'net%d' } }).size).toBe(2)
  expect(() => read({ 'net%d': {} })).toThrow('linux.netDevices["net%d"]: "net%d" is not the name of a network device')
  expect(() => read({ eth0: { name: 'fourteen-let%dd' } })).toThrow()
  expect(() => read({ eth0: { name: 'fourteen-lett%d' } })).not.toThrow()
  expect(() => read({ eth0: { name: 'fifteen-letter%d' } })).toThrow()
})

test('two cannot have the same name', () => {
  expect(() => read({ eth0: { name: 'x' }, eth1: { name: 'x' } })).toThrow('linux.netDevices["eth1"].name: "x" is the name of two devices')
  expect(() => read({ eth0: { name: 'eth1' }, eth1: {} })).toThrow('linux.netDevices["eth1"]: "eth1" is the name of two devices')
  expect(read({ eth0: { name: 'eth1' }, eth1: { name: 'eth0' } }).size).toBe(2)
})
