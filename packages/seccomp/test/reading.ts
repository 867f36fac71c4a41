/** What a profile says about a call, once more and as plainly as can be, to hold the compiler against. */
import { returnValue, type ArgumentCondition, type Profile } from '../src/index.ts'
import { widthsOf } from '../src/argument-width.ts'
import { architecturesOf, numberOf, type Architecture } from '../src/architecture.ts'

const compares: Readonly<Record<ArgumentCondition['op'], (a: bigint, b: bigint, c: bigint) => boolean>> = {
  SCMP_CMP_NE: (a, b) => a !== b, SCMP_CMP_LT: (a, b) => a < b, SCMP_CMP_LE: (a, b) => a <= b, SCMP_CMP_EQ: (a, b) => a === b, SCMP_CMP_GE: (a, b) => a >= b, SCMP_CMP_GT: (a, b) => a > b,
  SCMP_CMP_MASKED_EQ: (a, b, c) => (a & b) === (c & b),
}

const ENOSYS = 0x50026
const KILL_THREAD = 0

export type Reading = (token: number, number: number, args: readonly bigint[]) => number

/** For all architectures but x86, whose socketcall is another matter. */
export function reading(profile: Profile, machine: Architecture['machine']): Reading {
  const otherwise = returnValue(profile.defaultAction, profile.defaultErrnoRet)
  const known = architecturesOf(profile.architectures, machine).map((architecture) => {
    const rules = (profile.syscalls ?? []).map((rule) => ({ returned: returnValue(rule.action, rule.errnoRet), args: rule.args ?? [], numbers: rule.names.map((name) => numberOf(name, architecture)) }))
    return { architecture, rules, highest: Math.max(...rules.flatMap((rule) => rule.numbers).map((each) => each ?? -1)) }
  })
  const lets = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'].includes(profile.defaultAction)
  return (token, number, args) => {
    const isX32 = token === 0xc000003e && number >= 0x40000000
    const found = known.find(({ architecture }) => architecture.token === token && (architecture.name === 'SCMP_ARCH_X32') === isX32)
    if (found === undefined) return machine === 'x64' && isX32 && number === 0xffffffff ? otherwise : KILL_THREAD
    const about = found.rules.filter((rule) => rule.numbers.includes(number) && rule.returned !== otherwise)
    const whole = about.find((rule) => rule.args.length === 0)
    if (whole !== undefined) return whole.returned
    for (const rule of about) {
      const holds = ({ index, op, value, valueTwo }: ArgumentCondition) => compares[op](BigInt.asUintN(widthsOf(number, found.architecture)(index), args[index]!), BigInt(value), BigInt(valueTwo ?? 0))
      const twice = rule.args.some((a, i) => rule.args.some((b, j) => i < j && a.index === b.index))
      if (twice ? rule.args.some(holds) : rule.args.every(holds)) return rule.returned
    }
    return found.highest >= 0 && number > found.highest && !lets ? ENOSYS : otherwise
  }
}
