import type { Constant } from '@ctr/syscall'
import type { Action } from './action.ts'

/** How an argument is compared with `value`; `SCMP_CMP_MASKED_EQ` compares it, masked with `value`, with `valueTwo`. */
export type Operator = 'SCMP_CMP_NE' | 'SCMP_CMP_LT' | 'SCMP_CMP_LE' | 'SCMP_CMP_EQ' | 'SCMP_CMP_GE' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ'

/** 64 bits without a sign; a number above 2^53 has lost digits on its way and is refused: a bigint has them all. */
export type Unsigned64 = number | bigint

/** One comparison of an argument. */
export interface ArgumentCondition {
  /** 0 to 5. */
  readonly index: number
  readonly value: Unsigned64
  readonly valueTwo?: Unsigned64 | null | undefined
  readonly op: Operator
}

/** What happens to calls by name, where all conditions hold. Two conditions on the same argument are alternatives, as runc reads them. */
export interface Rule {
  readonly names: readonly string[]
  readonly action: Action
  /** For SCMP_ACT_ERRNO and SCMP_ACT_TRACE; default EPERM. */
  readonly errnoRet?: number | null | undefined
  readonly args?: readonly ArgumentCondition[] | null | undefined
}

/** The flags that a profile may have. The one that makes the listener is not among them: that follows from the actions. */
export const filterFlags = ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] as const satisfies readonly Constant<'seccomp_filter'>[]
export type FilterFlag = (typeof filterFlags)[number]

/** `linux.seccomp` of an OCI config.json, as it stands there. @see the runtime specification, config-linux.md, Seccomp */
export interface Profile {
  readonly defaultAction: Action
  readonly defaultErrnoRet?: number | null | undefined
  /** `SCMP_ARCH_…`; the machine's own is always among them. */
  readonly architectures?: readonly string[] | null | undefined
  readonly flags?: readonly FilterFlag[] | null | undefined
  readonly listenerPath?: string | null | undefined
  readonly listenerMetadata?: string | null | undefined
  readonly syscalls?: readonly Rule[] | null | undefined
}
