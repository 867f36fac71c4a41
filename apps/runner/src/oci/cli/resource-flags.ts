import { intelRdtShape } from '../config/intel-rdt-shape.ts'
import { resourcesShape, type OciResources } from '../config/resources-shape.ts'
import { linesOf } from '../program/intel-rdt.ts'
import type { Json } from '../json/parse.ts'
import type { OciArguments, OciFlag } from './flags.ts'
import { OciUsageError } from './flags.ts'

/** What the value of a flag is: text, a whole number, or an amount of memory with or without a unit. */
type Kind = 'text' | 'number' | 'size'

/** Each by the member of the resources that it sets. */
const members: Readonly<Record<string, readonly [group: string, member: string, kind: Kind]>> = {
  'memory': ['memory', 'limit', 'size'], 'memory-reservation': ['memory', 'reservation', 'size'], 'memory-swap': ['memory', 'swap', 'size'],
  'cpu-period': ['cpu', 'period', 'number'], 'cpu-quota': ['cpu', 'quota', 'number'], 'cpu-burst': ['cpu', 'burst', 'number'], 'cpu-share': ['cpu', 'shares', 'number'], 'cpu-rt-period': ['cpu', 'realtimePeriod', 'number'], 'cpu-rt-runtime': ['cpu', 'realtimeRuntime', 'number'],
  'cpuset-cpus': ['cpu', 'cpus', 'text'], 'cpuset-mems': ['cpu', 'mems', 'text'], 'cpu-idle': ['cpu', 'idle', 'number'],
  'pids-limit': ['pids', 'limit', 'number'], 'blkio-weight': ['blockIO', 'weight', 'number'],
}

/** No kernel limits it by itself any more (Documentation/admin-guide/cgroup-v1/memory.rst, 2.7), and runc passes over it too. */
const passedOver = ['kernel-memory', 'kernel-memory-tcp'] as const

export const resourceFlags: readonly OciFlag[] = [
  ...Object.entries(members).map(([name, [group, member, kind]]): OciFlag => ({ name, value: kind === 'size' ? 'SIZE' : 'VALUE', help: `${group}.${member} of the resources${kind === 'size' ? ', in bytes or as 64M' : ''}` })),
  ...passedOver.map((name): OciFlag => ({ name, value: 'VALUE', help: 'accepted, and changes nothing' })),
]

/** Those of resctrl, which are no resources; in the order in which they are written. */
export const schemaFlags: readonly OciFlag[] = [
  { name: 'l3-cache-schema', value: 'LINE', help: 'intelRdt.l3CacheSchema: L3:0=ff' }, { name: 'mem-bw-schema', value: 'LINE', help: 'intelRdt.memBwSchema: MB:0=20' },
]

/** @throws ConfigError */
export function schemataOfFlags(args: OciArguments): string[] {
  const given = (name: string) => (args.text(name) === undefined ? {} : { [name === 'l3-cache-schema' ? 'l3CacheSchema' : 'memBwSchema']: args.text(name)! })
  return linesOf(intelRdtShape(Object.assign({}, ...schemaFlags.map(({ name }) => given(name))) as Json, ''))
}

export const hasResourceFlags = (args: OciArguments): boolean => Object.keys(members).some((name) => args.has(name))

/** @param warn of what is passed over @throws ConfigError, OciUsageError a value cannot be what it is for */
export function resourcesOfFlags(args: OciArguments, warn: (message: string) => void): OciResources {
  for (const name of passedOver) if (args.has(name)) warn(`--${name} is ignored: no kernel limits it by itself any more`)
  const json: Record<string, Record<string, Json>> = {}
  for (const [name, [group, member, kind]] of Object.entries(members)) {
    const text = args.text(name)
    if (text !== undefined) (json[group] ??= {})[member] = kind === 'text' ? text : kind === 'size' ? size(text, name) : number(text, name)
  }
  return resourcesShape(json, '')
}

function number(text: string, name: string): Json {
  if (!/^-?\d{1,18}$/.test(text)) throw new OciUsageError(`invalid value ${JSON.stringify(text)} for flag -${name}: a whole number is wanted`)
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}

/** As engines write amounts of memory: a unit is a power of 1024, with or without `i` and `B`; -1 is no limit. */
function size(text: string, name: string): Json {
  if (/^-?\d+$/.test(text)) return number(text, name)
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,9})?) ?([kmgtp]?)i?b?$/i.exec(text) ?? []
  if (amount === undefined) throw new OciUsageError(`invalid value ${JSON.stringify(text)} for flag -${name}: a number of bytes is wanted, or of a unit, as 64M`)
  return Math.floor(Number(amount) * 1024 ** (unit === '' ? 0 : 'kmgtp'.indexOf(unit!.toLowerCase()) + 1))
}
