import { boolean, line, list, object, where, type Read } from './shape.ts'

/** What the kernel has of its own in every directory of resctrl. */
export const reserved: ReadonlySet<string> = new Set(['info', 'mon_data', 'mon_groups'])

/** One directory of resctrl, or all of it. */
const closId = where(line, (value) => value === '/' || (value !== '' && value !== '.' && value !== '..' && !value.includes('/') && !reserved.has(value)),
  'the name of a class of service: one component of a path that the kernel does not have itself, or / for the default class')

const memoryBandwidth = where(line, (value) => value === '' || value.startsWith('MB:'), 'a line of a schemata file that begins with MB:')

/** `enableCMT` and `enableMBM` of versions before 1.3 are no members any more: nobody had them, the specification says. @see OCI runtime-spec config-linux.md, IntelRdt */
export const intelRdtShape = object({}, { closID: closId, schemata: list(line), l3CacheSchema: line, memBwSchema: memoryBandwidth, enableMonitoring: boolean })

export type OciIntelRdt = Read<typeof intelRdtShape>
