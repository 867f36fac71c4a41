import { errnoName } from '@ctr/syscall'

/** What becomes of a call, as an OCI profile names it. `SCMP_ACT_KILL` is the older name of `SCMP_ACT_KILL_THREAD`. */
export type Action = 'SCMP_ACT_KILL_PROCESS' | 'SCMP_ACT_KILL_THREAD' | 'SCMP_ACT_KILL' | 'SCMP_ACT_TRAP' | 'SCMP_ACT_ERRNO' | 'SCMP_ACT_NOTIFY' | 'SCMP_ACT_TRACE' | 'SCMP_ACT_LOG' | 'SCMP_ACT_ALLOW'

/** linux/seccomp.h: the upper half of what a filter returns, compared as a signed number where several filters answer: the least wins. */
const values: Readonly<Record<Action, number>> = {
  SCMP_ACT_KILL_PROCESS: 0x80000000, SCMP_ACT_KILL_THREAD: 0, SCMP_ACT_KILL: 0, SCMP_ACT_TRAP: 0x00030000, SCMP_ACT_ERRNO: 0x00050000, SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_TRACE: 0x7ff00000, SCMP_ACT_LOG: 0x7ffc0000, SCMP_ACT_ALLOW: 0x7fff0000,
}

export const actions = Object.keys(values) as readonly Action[]

/** The actions that carry 16 bits to the caller or to its tracer. The kernel makes the caller's errno 4095 at most (MAX_ERRNO, kernel/seccomp.c). */
export const withData: readonly Action[] = ['SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE']
export const mostData = 0xffff

const EPERM = 1
const ENOSYS = 38

/** What a filter returns for the action. The errno of an action that has one is EPERM where the profile does not say. */
export function returnValue(action: Action, errnoRet?: number | null): number {
  return values[action] + (withData.includes(action) ? (errnoRet ?? EPERM) : 0)
}

/** The call fails as one that the kernel does not have. */
export const returnsEnosys = returnValue('SCMP_ACT_ERRNO', ENOSYS)

/** What a returned value stands for; the kernel kills the process for a value that it does not know. */
export function actionOf(returned: number): { readonly action: Action; readonly data: number } {
  const upper = (returned & 0xffff0000) >>> 0
  const action = actions.find((name) => values[name] === upper) ?? 'SCMP_ACT_KILL_PROCESS'
  return { action, data: returned & 0xffff }
}

/** The call is made, sooner or later: a tracer or a log changes nothing about that by itself. */
export const lets = (returned: number): boolean => ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_TRACE'].includes(actionOf(returned).action)

/** The strictest of several: the one that the kernel follows where several filters answer. */
export const strictest = (returned: readonly number[]): number => returned.reduce((a, b) => ((b | 0) < (a | 0) ? b : a))

/** The action as a listing has it: `ERRNO(EPERM)`. */
export function actionName(returned: number): string {
  const { action, data } = actionOf(returned)
  const name = action.slice('SCMP_ACT_'.length)
  return action === 'SCMP_ACT_ERRNO' ? `${name}(${data === 0 ? 0 : errnoName(data)})` : data === 0 ? name : `${name}(${data})`
}

/** An action in words, as the end of a sentence that begins with the call. */
export function actionText(returned: number): string {
  const { action, data } = actionOf(returned)
  switch (action) {
    case 'SCMP_ACT_ALLOW': return 'is allowed'
    case 'SCMP_ACT_LOG': return 'is allowed and logged'
    case 'SCMP_ACT_TRACE': return `is left to the tracer (${data}), and fails with ENOSYS without one`
    case 'SCMP_ACT_NOTIFY': return 'is left to whoever listens'
    case 'SCMP_ACT_ERRNO': return data === 0 ? 'returns 0 without being made' : `fails with ${errnoName(data)}`
    case 'SCMP_ACT_TRAP': return 'ends in SIGSYS, which can be caught'
    case 'SCMP_ACT_KILL_THREAD': case 'SCMP_ACT_KILL': return 'ends the thread with SIGSYS'
    case 'SCMP_ACT_KILL_PROCESS': return 'ends the process with SIGSYS'
  }
}
