import { canReturnDescriptor, descriptors } from './descriptors.ts'
import { checkArguments } from './layout.ts'
import type { Arg, Program, Syscall } from './types.ts'

/** A mistake that can be seen before anything runs. */
export interface Finding {
  readonly index: number
  readonly message: string
}

/** Every descriptor that a call's arguments refer to by name. */
function references(arg: Arg | undefined): string[] {
  if (typeof arg !== 'object' || arg === null) return []
  if (Array.isArray(arg)) return arg.flatMap(references)
  if ('fd' in arg && typeof arg.fd === 'string') return [arg.fd]
  return Object.values(arg as Record<string, Arg>).flatMap(references)
}

/** Each rule looks at one call with the program it stands in, and returns what is wrong with it. */
type Rule = (call: Syscall, index: number, program: Program, openAt: (name: string) => boolean) => string | undefined

/** The names in one set of a capset call. */
const setOf = (call: Syscall, set: string) => (call.args[0] as Readonly<Record<string, readonly Arg[]>>)[set] ?? []

const rules: readonly Rule[] = [
  (call) => {
    try { checkArguments(call) } catch (error) { return (error as Error).message }
    return undefined
  },
  (call) => (/^[A-Z]/.test(call.why) || call.why.length === 0 || call.why.endsWith('.') ? `why must be one lower-case clause, not ${JSON.stringify(call.why)}` : undefined),
  (call, _index, _program, open) => {
    const missing = references(call.args as Arg).find((name) => !open(name))
    return missing === undefined ? undefined : `descriptor ${JSON.stringify(missing)} is not open here`
  },
  (call) => (call.as !== undefined && !canReturnDescriptor(call) ? `${call.name} returns no descriptor that could be called ${JSON.stringify(call.as)}` : undefined),
  (_call, index, program) => (program.slice(0, index).some((before) => before.name === 'exit_group') ? 'nothing runs after exit_group' : undefined),
  (call, index, program) => {
    if (call.name !== 'pivot_root') return undefined
    const made = program.slice(0, index).some((before) => (before.name === 'mount_setattr' || before.name === 'mount') && /MS_(PRIVATE|SLAVE|UNBINDABLE)/.test(JSON.stringify(before.args)))
    return made ? undefined : 'pivot_root fails with EINVAL while the root mount is shared: make it private first'
  },
  (call, index, program) => {
    const before = program[index - 1]
    // chroot(2): from a working directory outside of the root, `..` leads out of it. Where the root is that directory, it is inside.
    const inside = before?.args[0] === '.' || call.name === 'fchdir' || (call.name === 'chdir' && String(call.args[0]).startsWith('/'))
    return before?.name === 'chroot' && !inside ? 'chroot leaves the working directory outside: chdir("/") must follow' : undefined
  },
  (call, index, program) => {
    // user_namespaces(7) and capabilities(7), Effect of user ID changes: leaving user 0 empties the effective set, and the permitted one too unless it is kept.
    const dropped = program.slice(0, index).some((before) => before.name === 'setresuid' && Number(before.args[1]) > 0)
    if (!dropped) return undefined
    const kept = program.slice(0, index).some((before) => before.args[0] === 'PR_SET_KEEPCAPS' || before.args[0] === 'PR_SET_SECUREBITS')
    const raised = program.slice(0, index).some((before) => before.name === 'capset' && setOf(before, 'effective').length > 0)
    if (call.name === 'capset' && setOf(call, 'permitted').length > 0 && !kept) return 'capset comes after setresuid, which has emptied the permitted set: PR_SET_KEEPCAPS must come before'
    if ((call.name === 'setgroups' || call.name === 'setresgid' || call.args[0] === 'PR_CAPBSET_DROP') && !raised) return `${call.name} comes after setresuid, which has emptied the effective set that it needs`
    return undefined
  },
]

/**
 * The mistakes in a program that can be found without running it: arguments the kernel cannot take, descriptors used before they are
 * open or after they are closed, calls in an order that must fail. An empty list means that none was found.
 */
export function check(program: Program, open: Readonly<Record<string, number>> = {}): Finding[] {
  let known: ReturnType<typeof descriptors>
  try {
    known = descriptors(program, open)
  } catch (error) {
    return [{ index: 0, message: (error as Error).message }]
  }
  return program.flatMap((call, index) =>
    rules.flatMap((rule) => {
      const message = rule(call, index, program, (name) => known.at(index, name) !== undefined)
      return message === undefined ? [] : [{ index, message }]
    }))
}
