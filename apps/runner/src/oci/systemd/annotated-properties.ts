import { ConfigError, quoted } from '../config/shape.ts'
import type { DbusVariant } from './dbus-value.ts'
import { parseVariant } from './gvariant.ts'
import type { UnitProperty } from './properties.ts'

const prefix = 'org.systemd.property.'

/** Where the unit is, and who is in it, is said by `linux.cgroupsPath`: with another slice its limits would be those of a group that nobody is in. */
const ours: ReadonlySet<string> = new Set(['Slice', 'PIDs', 'PIDFDs'])

/** Of an annotation, for errors: `annotations["org.systemd.property.CollectMode"]`. */
export const annotationPath = (key: string): string => `annotations[${JSON.stringify(key)}]`

/**
 * What annotations of a bundle say of its unit: `org.systemd.property.NAME`, with a value in the text format of GVariant. `…Sec` is `…USec` in seconds.
 *
 * @throws ConfigError with the path of the annotation
 * @see runc, docs/systemd.md, Auxiliary properties
 */
export function annotatedProperties(annotations: ReadonlyMap<string, string> = new Map()): UnitProperty[] {
  return [...annotations].filter(([key]) => key.startsWith(prefix)).map(([key, text]): UnitProperty => {
    const name = key.slice(prefix.length)
    const refuse = (problem: string): never => { throw new ConfigError(annotationPath(key), problem) }
    if (!/^[A-Za-z]{3,}$/.test(name)) refuse(`${quoted(name)} is no name of a property: three letters at least, and nothing else`)
    if (ours.has(name)) refuse(`${name} follows from linux.cgroupsPath and the container's first process`)
    try {
      const value = parseVariant(text)
      return /[a-z]Sec$/.test(name) ? [propertyName(key), microseconds(value)] : [name, value]
    } catch (error) {
      return refuse(`${quoted(text)} is no value in the text format of GVariant, like "uint64 5" or "'text'": ${(error as Error).message}`)
    }
  })
}

/** The one of these annotations that a refusal of systemd names, if it names any. */
export function annotationRefused(keys: readonly string[], message: string): string | undefined {
  const words = message.split(/\W+/)
  return keys.filter((key) => key.startsWith(prefix)).find((key) => words.includes(propertyName(key)))
}

const propertyName = (key: string): string => key.slice(prefix.length).replace(/([a-z])Sec$/, '$1USec')

function microseconds({ signature, value }: DbusVariant): DbusVariant {
  if (!/^[ynqiuxtd]$/.test(signature)) throw new TypeError('not a number of seconds')
  const micros = signature === 'd' ? Math.trunc(Number(value) * 1e6) : BigInt(value as number | bigint) * 1_000_000n
  if (!(micros >= 0 && micros < 2n ** 64n)) throw new RangeError('more seconds than systemd can count, or fewer than none')
  return { signature: 't', value: BigInt(micros) }
}
