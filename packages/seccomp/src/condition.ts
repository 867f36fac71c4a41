import type { ArgumentCondition } from './profile.ts'

/** A condition without optional members, as every reader of it needs it. */
export interface Condition {
  readonly index: number
  readonly op: ArgumentCondition['op']
  readonly value: bigint
  /** SCMP_CMP_MASKED_EQ only: what the masked argument must be. */
  readonly wanted: bigint
}

export function condition({ index, op, value, valueTwo }: ArgumentCondition): Condition {
  return { index, op, value: BigInt(value), wanted: BigInt(valueTwo ?? 0) }
}

/** The condition holds for the argument, of which no more bits are left than count. */
export function holds({ op, value, wanted }: Condition, argument: bigint): boolean {
  switch (op) {
    case 'SCMP_CMP_NE': return argument !== value
    case 'SCMP_CMP_LT': return argument < value
    case 'SCMP_CMP_LE': return argument <= value
    case 'SCMP_CMP_EQ': return argument === value
    case 'SCMP_CMP_GE': return argument >= value
    case 'SCMP_CMP_GT': return argument > value
    case 'SCMP_CMP_MASKED_EQ': return (argument & value) === (wanted & value)
  }
}

const signs = { SCMP_CMP_NE: '!=', SCMP_CMP_LT: '<', SCMP_CMP_LE: '<=', SCMP_CMP_EQ: '==', SCMP_CMP_GE: '>=', SCMP_CMP_GT: '>' } as const

/** `argument 0 & 0x7e020000 == 0`. */
export function conditionText({ index, op, value, wanted }: Condition): string {
  return op === 'SCMP_CMP_MASKED_EQ' ? `argument ${index} & ${hex(value)} == ${hex(wanted)}` : `argument ${index} ${signs[op]} ${hex(value)}`
}

/** As C writes it: small numbers in decimal. */
export const hex = (value: bigint): string => (value < 10n ? String(value) : `0x${value.toString(16)}`)
