import { errnoTable, type ErrnoName } from '../errno-table.ts'
import { flags } from './flags.ts'
import { fd, int } from './number.ts'
import { refuse, type Param } from './param.ts'
import { field, struct } from './struct.ts'

/** 64 bits that may be above 2^53, which JSON has no number for: in hexadecimal, as `0x1f` or `0`. */
export function wide(name: string): Param<string> {
  return {
    name,
    check: (value) => { if (typeof value !== 'string' || !/^(0|0x[1-9a-f][\da-f]{0,15})$/.test(value)) refuse(name, '64 bits as a hexadecimal text like "0x1f", or "0"', value) },
    print: (value) => value,
    encode: (value) => [BigInt(value)],
  }
}

/** A pointer to 64 bits. */
export function wideByReference(name: string): Param<string> {
  const inner = wide(name)
  return {
    ...inner,
    print: (value) => `[${value}]`,
    encode: (value, memory) => [memory.place(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer))],
  }
}

/** An errno by name, which the kernel wants negative; 0 for none. */
function negativeErrno(name: string): Param<ErrnoName | 0> {
  return {
    name,
    check: (value) => { if (value !== 0 && !(typeof value === 'string' && Object.hasOwn(errnoTable, value))) refuse(name, 'the name of an errno, or 0', value) },
    print: (value) => (value === 0 ? '0' : `-${value}`),
    encode: (value) => [value === 0 ? 0n : -BigInt(errnoTable[value])],
  }
}

/** linux/seccomp.h: struct seccomp_notif_resp. */
export const seccompNotifResp = struct('argp', 24, { id: field(0, 8, wide('id')), val: field(8, 8, int('val'), 0), error: field(16, 4, negativeErrno('error'), 0), flags: field(20, 4, flags('flags', 'seccomp_notif'), []) })

/** linux/seccomp.h: struct seccomp_notif_addfd. */
export const seccompNotifAddfd = struct('argp', 24, {
  id: field(0, 8, wide('id')), flags: field(8, 4, flags('flags', 'seccomp_addfd'), []), srcfd: field(12, 4, fd('srcfd')), newfd: field(16, 4, int('newfd'), 0), newfd_flags: field(20, 4, flags('newfd_flags', 'open'), []) })
