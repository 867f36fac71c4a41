import { refuse, type Param } from './param.ts'

/** One classic BPF instruction: struct sock_filter (linux/filter.h) as [code, jt, jf, k]. */
export type BpfInstruction = readonly [code: number, jt: number, jf: number, k: number]

// linux/bpf_common.h
const classes = ['BPF_LD', 'BPF_LDX', 'BPF_ST', 'BPF_STX', 'BPF_ALU', 'BPF_JMP', 'BPF_RET', 'BPF_MISC']
const sizes: Record<number, string> = { 0x00: 'BPF_W', 0x08: 'BPF_H', 0x10: 'BPF_B' }
const modes: Record<number, string> = { 0x00: 'BPF_IMM', 0x20: 'BPF_ABS', 0x40: 'BPF_IND', 0x60: 'BPF_MEM', 0x80: 'BPF_LEN', 0xa0: 'BPF_MSH' }
const sources: Record<number, string> = { 0x00: 'BPF_K', 0x08: 'BPF_X' }
const values: Record<number, string> = { 0x00: 'BPF_K', 0x08: 'BPF_X', 0x10: 'BPF_A' }
const alu: Record<number, string> = { 0x00: 'BPF_ADD', 0x10: 'BPF_SUB', 0x20: 'BPF_MUL', 0x30: 'BPF_DIV', 0x40: 'BPF_OR', 0x50: 'BPF_AND', 0x60: 'BPF_LSH', 0x70: 'BPF_RSH', 0x80: 'BPF_NEG', 0x90: 'BPF_MOD', 0xa0: 'BPF_XOR' }
const jumps: Record<number, string> = { 0x00: 'BPF_JA', 0x10: 'BPF_JEQ', 0x20: 'BPF_JGT', 0x30: 'BPF_JGE', 0x40: 'BPF_JSET' }
const misc: Record<number, string> = { 0x00: 'BPF_TAX', 0x80: 'BPF_TXA' }
// linux/seccomp.h: the action is the upper half, its data the lower
const actions: Record<number, string> = { 0x80000000: 'SECCOMP_RET_KILL_PROCESS', 0: 'SECCOMP_RET_KILL_THREAD', 0x30000: 'SECCOMP_RET_TRAP', 0x50000: 'SECCOMP_RET_ERRNO', 0x7fc00000: 'SECCOMP_RET_USER_NOTIF', 0x7ff00000: 'SECCOMP_RET_TRACE', 0x7ffc0000: 'SECCOMP_RET_LOG', 0x7fff0000: 'SECCOMP_RET_ALLOW' }

const hex = (n: number) => (n === 0 ? '0' : '0x' + n.toString(16))

/** What the code's bits above the class mean, by class: masks, each with its names. */
const parts: readonly (readonly (readonly [mask: number, names: Record<number, string>])[])[] = [
  [[0x18, sizes], [0xe0, modes]], [[0x18, sizes], [0xe0, modes]], [], [], [[0x08, sources], [0xf0, alu]], [[0x08, sources], [0xf0, jumps]], [[0x18, values]], [[0xf8, misc]],
]

function codeText(code: number): string {
  const named = parts[code & 7]!.map(([mask, names]) => names[code & mask] ?? `${hex(code & mask)} /* BPF_??? */`)
  return [classes[code & 7], ...named].join('|')
}

/** A return is an action and its data, whatever the instruction returns. */
function valueText(code: number, k: number): string {
  const action = (code & 7) === 6 ? actions[(k & 0xffff0000) >>> 0] : undefined
  const data = k & 0xffff
  return action === undefined ? hex(k) : data === 0 ? action : `${action}|${hex(data)}`
}

function instruction([code, jt, jf, k]: BpfInstruction): string {
  const text = `${codeText(code)}, ${valueText(code, k)}`
  // strace tells the two by their targets, not by their class.
  return jt !== 0 || jf !== 0 ? `BPF_JUMP(${text}, ${hex(jt)}, ${hex(jf)})` : `BPF_STMT(${text})`
}

/** struct sock_filter's members: 16, 8, 8 and 32 bits. */
const limits = [0xffff, 0xff, 0xff, 0xffffffff]

/** struct sock_fprog: the number of instructions and a pointer to them. */
export function sockFprog(name: string): Param<readonly BpfInstruction[]> {
  return {
    name,
    check: (value) => {
      if (!Array.isArray(value) || value.length === 0 || value.length > 4096) refuse(name, '1 to 4096 BPF instructions', value)
      for (const item of value) {
        if (!Array.isArray(item) || item.length !== 4) refuse(name, 'instructions [code, jt, jf, k]', item)
        for (const [i, most] of limits.entries()) if (!Number.isInteger(item[i]) || item[i] < 0 || item[i] > most) throw new RangeError(`${name} holds ${JSON.stringify(item)}: ${'code jt jf k'.split(' ')[i]} is from 0 to ${most}`)
      }
    },
    print: (value, { brief }) => `{len=${value.length}, filter=${brief ? '…' : `[${value.map(instruction).join(', ')}]`}}`,
    encode: (value, memory) => {
      const filter = new DataView(new ArrayBuffer(value.length * 8))
      for (const [i, [code, jt, jf, k]] of value.entries()) {
        filter.setUint16(i * 8, code, true)
        filter.setUint8(i * 8 + 2, jt)
        filter.setUint8(i * 8 + 3, jf)
        filter.setUint32(i * 8 + 4, k >>> 0, true)
      }
      const header = new DataView(new ArrayBuffer(16))
      header.setUint16(0, value.length, true)
      header.setBigUint64(8, memory.place(new Uint8Array(filter.buffer)), true)
      return [memory.place(new Uint8Array(header.buffer))]
    },
  }
}
