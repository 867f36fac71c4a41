import { constant, flagText } from '../constant.ts'
import type { Constant } from '../families.ts'
import { families } from '../families.ts'
import { quote, refuse, type Param } from './param.ts'

export type Capabilities = readonly Constant<'capability'>[]
export interface CapabilitySets {
  readonly effective: Capabilities
  readonly permitted: Capabilities
  readonly inheritable: Capabilities
}

/** A capability by name, or by number where the running kernel has more of them than its headers had when this was built. */
export type CapabilityRef = Constant<'capability'> | number

/** One capability, as prctl(2) takes it. */
export function capability(name: string): Param<CapabilityRef> {
  return {
    name,
    check: (value) => {
      const isNew = typeof value === 'number' && Number.isInteger(value) && value >= families.capability.length && value <= 63
      if (!isNew && !(families.capability as readonly unknown[]).includes(value)) refuse(name, `a capability's name, or a number from ${families.capability.length} to 63`, value)
    },
    print: (value) => (typeof value === 'number' ? `0x${value.toString(16)} /* CAP_??? */` : value),
    encode: (value) => [BigInt(typeof value === 'number' ? value : constant(value))],
  }
}

const order = ['effective', 'permitted', 'inheritable'] as const

/** capset(2)'s header for the calling thread: version 3, 64-bit sets (linux/capability.h). */
export function capabilityHeader(name: string): Param<undefined> {
  return {
    name,
    implicit: true,
    check: () => {},
    print: () => '{version=_LINUX_CAPABILITY_VERSION_3, pid=0}',
    encode: (_value, memory) => [memory.place(new Uint8Array(Uint32Array.of(constant('_LINUX_CAPABILITY_VERSION_3'), 0).buffer))],
  }
}

/** capset(2)'s data: two structs of three 32-bit words, the lower halves first. */
export function capabilityData(name: string): Param<CapabilitySets> {
  return {
    name,
    check: (value) => {
      if (typeof value !== 'object' || value === null) refuse(name, '{ effective, permitted, inheritable }', value)
      for (const set of order) {
        const names = (value as Record<string, unknown>)[set]
        if (!Array.isArray(names)) refuse(`${name}.${set}`, 'an array of capabilities', names)
        for (const item of names) if (!(families.capability as readonly unknown[]).includes(item)) throw new TypeError(`${name}.${set} holds ${quote(item)}, which is no capability`)
      }
    },
    print: (value) => `{${order.map((set) => `${set}=${flagText('capability', value[set]).replace(/CAP_/g, '1<<CAP_')}`).join(', ')}}`,
    encode: (value, memory) => {
      const sets = order.map((set) => value[set].reduce((sum, cap) => sum | (1n << BigInt(constant(cap))), 0n))
      const words = [...sets.map((s) => Number(s & 0xffffffffn)), ...sets.map((s) => Number(s >> 32n))]
      return [memory.place(new Uint8Array(Uint32Array.from(words).buffer))]
    },
  }
}
