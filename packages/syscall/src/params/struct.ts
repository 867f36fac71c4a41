import type { Arg } from '../types.ts'
import { quote, refuse, type Hole, type Param } from './param.ts'

/** One member: where it is, how wide, and what it holds. */
export interface Field<T = unknown> {
  readonly at: number
  readonly width: 2 | 4 | 8
  readonly param: Param<T>
  /** What an absent member is; without it, an absent member is zero and is not shown. */
  readonly fallback?: T
}

export function field<T>(at: number, width: 2 | 4 | 8, param: Param<T>, fallback?: T): Field<T> {
  return fallback === undefined ? { at, width, param } : { at, width, param, fallback }
}

// any: a member of every type must fit, and StructValue recovers each
type Fields = Readonly<Record<string, Field<any>>>
/** Members with a fallback or without need may be left out: all of them are optional but `flags`-like ones checked when given. */
export type StructValue<F extends Fields> = { readonly [K in keyof F]?: F[K] extends Field<infer T> ? T : never }

/**
 * A struct by reference, `sized` where its size is the kernel's next argument (the extensible structs: open_how, clone_args,
 * mount_attr). Members are shown in strace's order, which is the order they are written in here.
 */
export function struct<F extends Fields>(name: string, bytes: number, fields: F, { sized = false } = {}): Param<StructValue<F>> {
  const members = Object.entries(fields) as [string, Field<Arg>][]
  const checked = new WeakSet<object>()
  return {
    name,
    check: (value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(name, 'an object', value)
      if (checked.has(value)) return
      for (const key of Object.keys(value)) if (!Object.hasOwn(fields, key)) throw new TypeError(`${name} has no member ${quote(key)}`)
      for (const [key, { param }] of members) { const v = (value as Record<string, unknown>)[key]; if (v !== undefined) (param.check as (v: unknown) => void)(v) }
      if (isFixed(value)) checked.add(value)
    },
    print: (value, view, args) => {
      const shown: string[] = []
      for (const [key, { param, fallback }] of members) {
        const v = key in value ? (value as Record<string, Arg>)[key] : fallback
        if (v !== undefined) shown.push(`${key}=${param.print(v, view, args)}`)
      }
      return `{${shown.join(', ')}}` + (sized ? `, ${bytes}` : '')
    },
    encode: (value, memory) => {
      const known = memory.structs?.get(value)
      if (known?.of === fields) return sized ? [known.address, BigInt(bytes)] : [known.address]
      const out = new Uint8Array(bytes)
      const view = new DataView(out.buffer)
      const holes: Hole[] = []
      for (const [key, { at, width, param, fallback }] of members) {
        const v = key in value ? (value as Record<string, Arg>)[key] : fallback
        if (v === undefined) continue
        const word = param.encode(v, memory)[0] ?? 0n
        if (typeof word === 'object') holes.push({ offset: at, fd: word.fd })
        else if (width === 8) view.setBigUint64(at, BigInt.asUintN(64, word), true)
        else if (width === 4) view.setUint32(at, Number(BigInt.asUintN(32, word)), true)
        else view.setUint16(at, Number(BigInt.asUintN(16, word)), true)
      }
      const address = memory.place(out, holes)
      // To the others, as to struct winsize and struct ucred, some calls write.
      if (memory.structs && sized && holes.length === 0 && isFixed(value)) memory.structs.set(value, { of: fields, address })
      return sized ? [address, BigInt(bytes)] : [address]
    },
  }
}

/** Whether neither the struct nor what its members list can change. */
const isFixed = (value: object): boolean => Object.isFrozen(value) && Object.values(value).every((member) => typeof member !== 'object' || Object.isFrozen(member))
