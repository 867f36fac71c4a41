import type { EbpfInstruction } from '@ctr/syscall'
import { bitsOf, checkDeviceRules, type DeviceRule } from './device-rules.ts'

// linux/bpf.h and linux/bpf_common.h: class | operation | source
const op = {
  ldxw: 0x61, // BPF_LDX|BPF_MEM|BPF_W
  mov: 0xbf, // BPF_ALU64|BPF_MOV|BPF_X
  movImmediate: 0xb7, // BPF_ALU64|BPF_MOV|BPF_K
  and: 0x57, // BPF_ALU64|BPF_AND|BPF_K
  shiftRight: 0x77, // BPF_ALU64|BPF_RSH|BPF_K
  jumpIfNot: 0x55, // BPF_JMP|BPF_JNE|BPF_K
  jumpIfAny: 0x45, // BPF_JMP|BPF_JSET|BPF_K
  jump: 0x05, // BPF_JMP|BPF_JA
  exit: 0x95, // BPF_JMP|BPF_EXIT
} as const

/** Where the program keeps what was asked for. */
const register = { result: 0, context: 1, wanted: 2, type: 3, major: 4, minor: 5 } as const

/**
 * The rules as a program of type BPF_PROG_TYPE_CGROUP_DEVICE: it returns 1 where the kernel may go on, and 0 for EPERM.
 *
 * The last rule comes first. An allowing rule crosses off what it covers of the wanted access, and nothing left means yes; a refusing rule
 * that covers any of what is left means no; and so does the end. There are only jumps ahead, so the kernel's verifier accepts any list.
 *
 * @param rules in OCI's order: the last that matches decides, and nothing matches nothing
 * @returns instructions as [code, destination, source, offset, immediate]
 * @throws TypeError, RangeError see {@link deviceAllowed}
 * @see Documentation/admin-guide/cgroup-v2.rst, "Device controller"; linux/bpf.h, struct bpf_cgroup_dev_ctx
 */
export function deviceProgram(rules: readonly DeviceRule[]): EbpfInstruction[] {
  checkDeviceRules(rules)
  const { result, context, wanted, type, major, minor } = register
  return [
    // access_type: the kind of device in the lower half, what is wanted in the upper.
    [op.ldxw, wanted, context, 0, 0],
    [op.mov, type, wanted, 0, 0],
    [op.and, type, 0, 0, 0xffff],
    [op.shiftRight, wanted, 0, 0, 16],
    [op.ldxw, major, context, 4, 0],
    [op.ldxw, minor, context, 8, 0],
    ...[...reachable(rules)].reverse().flatMap(block),
    [op.movImmediate, result, 0, 0, 0],
    [op.exit, 0, 0, 0, 0],
  ]
}

/** What stands before a rule for every device and every access cannot matter any more. */
function reachable(rules: readonly DeviceRule[]): readonly DeviceRule[] {
  const last = rules.findLastIndex((rule) => rule.type === 'a' && rule.major === undefined && rule.minor === undefined && bitsOf(rule.access) === 7)
  return rules.slice(Math.max(0, last))
}

function block(rule: DeviceRule): EbpfInstruction[] {
  const { result, wanted, type, major, minor } = register
  const bits = bitsOf(rule.access)
  const decide: EbpfInstruction[] = rule.allow
    ? [
        [op.and, wanted, 0, 0, ~bits & 7],
        [op.jumpIfNot, wanted, 0, 2, 0],
        [op.movImmediate, result, 0, 0, 1],
        [op.exit, 0, 0, 0, 0],
      ]
    : [
        [op.jumpIfAny, wanted, 0, 1, bits],
        // Past the two that refuse: there is no "jump if none of these bits".
        [op.jump, 0, 0, 2, 0],
        [op.movImmediate, result, 0, 0, 0],
        [op.exit, 0, 0, 0, 0],
      ]
  // BPF_DEVCG_DEV_BLOCK is 1, BPF_DEVCG_DEV_CHAR is 2.
  const conditions = [...(rule.type === 'a' ? [] : [[type, rule.type === 'b' ? 1 : 2]]), ...(rule.major === undefined ? [] : [[major, rule.major]]), ...(rule.minor === undefined ? [] : [[minor, rule.minor]])] as [number, number][]
  return [...conditions.map(([field, value], index): EbpfInstruction => [op.jumpIfNot, field, 0, conditions.length - index - 1 + decide.length, value]), ...decide]
}
