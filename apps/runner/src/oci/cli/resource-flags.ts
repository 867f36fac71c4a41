import { resourcesShape, type OciResources } from '../config/resources-shape.ts'
import type { Json } from '../json/parse.ts'
import type { OciArguments, OciFlag } from './flags.ts'
import { OciUsageError } from './flags.ts'

/** Each by the member of the resources that it sets. */
const members = {
  memory: ['memory', 'limit'], 'memory-reservation': ['memory', 'reservation'], 'memory-swap': ['memory', 'swap'],
  'cpu-period': ['cpu', 'period'], 'cpu-quota': ['cpu', 'quota'], 'cpu-burst': ['cpu', 'burst'], 'cpu-share': ['cpu', 'shares'], 'cpuset-cpus': ['cpu', 'cpus'], 'cpuset-mems': ['cpu', 'mems'], 'cpu-idle': ['cpu', 'idle'],
  'pids-limit': ['pids', 'limit'],
} as const

export const resourceFlags: readonly OciFlag[] = Object.entries(members).map(([name, [group, member]]) => ({ name, value: 'VALUE', help: `${group}.${member} of the resources` }))

/** @throws ConfigError, OciUsageError a value cannot be what it is for */
export function resourcesOfFlags(args: OciArguments): OciResources {
  const json: Record<string, Record<string, Json>> = {}
  for (const [name, [group, member]] of Object.entries(members)) {
    const text = args.text(name)
    if (text !== undefined) (json[group] ??= {})[member] = name.startsWith('cpuset') ? text : number(text, name)
  }
  if (Object.keys(json).length === 0) throw new OciUsageError('update needs --resources, or a flag that names a limit')
  return resourcesShape(json, '')
}

function number(text: string, name: string): Json {
  if (!/^-?\d{1,18}$/.test(text)) throw new OciUsageError(`invalid value ${JSON.stringify(text)} for flag -${name}: a whole number is wanted`)
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : BigInt(text)
}
