import { constant, flagBits, flagText } from '../constant.ts'
import { families, type Constant, type Family } from '../families.ts'
import { quote, refuse, type Param } from './param.ts'

/** What cannot change is looked at once. */
const checked = new WeakMap<readonly unknown[], Family>()

/** Throws unless the value is an array of one family's names. */
export function checkNames(name: string, family: Family, value: unknown): void {
  if (!Array.isArray(value)) refuse(name, `an array of ${family} flags`, value)
  if (checked.get(value) === family) return
  for (const item of value) checkName(name, family, item)
  if (Object.isFrozen(value)) checked.set(value, family)
}

/** Throws unless the value is one of the family's names. */
export function checkName(name: string, family: Family, value: unknown): void {
  if (!(families[family] as readonly unknown[]).includes(value)) throw new TypeError(`${name} must be one of ${families[family].slice(0, 4).join(', ')}…, not ${quote(value)}`)
}

/** Flags of one family: `['MS_REC', 'MS_PRIVATE']` prints as `MS_REC|MS_PRIVATE`; none prints as `0` unless there is a name for it. */
export function flags<F extends Family>(name: string, family: F, none = '0'): Param<readonly Constant<F>[]> {
  return {
    name,
    check: (value) => checkNames(name, family, value),
    print: (value) => (value.length === 0 ? none : flagText(family, value)),
    encode: (value, memory) => [flagBits(family, value, memory.machine)],
  }
}

/** open(2)'s flags: O_RDONLY is 0, so it is shown where no other access mode is given. */
export function openFlags(name: string): Param<readonly Constant<'open'>[]> {
  const inner = flags(name, 'open')
  return {
    ...inner,
    print: (value) => flagText('open', value.includes('O_WRONLY') || value.includes('O_RDWR') || value.includes('O_RDONLY') ? value : ['O_RDONLY', ...value]),
  }
}

/** Exactly one constant of a family. */
export function one<F extends Family>(name: string, family: F): Param<Constant<F>> {
  return {
    name,
    check: (value) => checkName(name, family, value),
    print: (value) => value,
    encode: (value, memory) => [BigInt(constant(value, memory.machine))],
  }
}

/** One constant of a family, or 0: a signal that may be none. */
export function oneOrZero<F extends Family>(name: string, family: F): Param<Constant<F> | 0> {
  return {
    name,
    check: (value) => { if (value !== 0) checkName(name, family, value) },
    print: (value) => String(value),
    encode: (value, memory) => [value === 0 ? 0n : BigInt(constant(value, memory.machine))],
  }
}
