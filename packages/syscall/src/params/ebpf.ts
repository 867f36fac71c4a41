import type { Constant } from '../families.ts'
import type { OutBuffer } from '../types.ts'
import { one } from './flags.ts'
import { fd, uint, type Fd } from './number.ts'
import { refuse, type Hole, type Param } from './param.ts'
import { sizedText } from './string.ts'

/** One eBPF instruction: struct bpf_insn (linux/bpf.h) as [code, destination register, source register, offset, immediate value]. */
export type EbpfInstruction = readonly [code: number, dst: number, src: number, off: number, imm: number]

// linux/bpf_common.h and linux/bpf.h; made when they are printed, as objects with such keys take their time
const classes = ['BPF_LD', 'BPF_LDX', 'BPF_ST', 'BPF_STX', 'BPF_ALU', 'BPF_JMP', 'BPF_JMP32', 'BPF_ALU64']
const sizes = (): Record<number, string> => ({ 0x00: 'BPF_W', 0x08: 'BPF_H', 0x10: 'BPF_B', 0x18: 'BPF_DW' })
const modes = (): Record<number, string> => ({ 0x00: 'BPF_IMM', 0x20: 'BPF_ABS', 0x40: 'BPF_IND', 0x60: 'BPF_MEM' })
const sources = (): Record<number, string> => ({ 0x00: 'BPF_K', 0x08: 'BPF_X' })
const alu = (): Record<number, string> => ({
  0x00: 'BPF_ADD', 0x10: 'BPF_SUB', 0x20: 'BPF_MUL', 0x30: 'BPF_DIV', 0x40: 'BPF_OR', 0x50: 'BPF_AND', 0x60: 'BPF_LSH', 0x70: 'BPF_RSH', 0x80: 'BPF_NEG', 0x90: 'BPF_MOD', 0xa0: 'BPF_XOR',
  0xb0: 'BPF_MOV', 0xc0: 'BPF_ARSH', 0xd0: 'BPF_END',
})
const jumps = (): Record<number, string> => ({
  0x00: 'BPF_JA', 0x10: 'BPF_JEQ', 0x20: 'BPF_JGT', 0x30: 'BPF_JGE', 0x40: 'BPF_JSET', 0x50: 'BPF_JNE', 0x60: 'BPF_JSGT', 0x70: 'BPF_JSGE', 0x80: 'BPF_CALL', 0x90: 'BPF_EXIT',
  0xa0: 'BPF_JLT', 0xb0: 'BPF_JLE', 0xc0: 'BPF_JSLT', 0xd0: 'BPF_JSLE',
})

const hex = (n: number) => (n === 0 ? '0' : '0x' + (n >>> 0).toString(16))
const named = (names: Record<number, string>, bits: number) => names[bits] ?? `${hex(bits)} /* BPF_??? */`

function codeText(code: number): string {
  const kind = code & 7
  if (kind < 4) return [classes[kind], named(sizes(), code & 0x18), named(modes(), code & 0xe0)].join('|')
  // strace 6.1 has no names for the comparisons of 32 bits.
  const operation = kind === 6 ? `${hex(code & 0xf8)} /* BPF_??? */` : `${named(sources(), code & 0x08)}|${named(kind === 5 ? jumps() : alu(), code & 0xf0)}`
  return `${classes[kind]}|${operation}`
}

const instruction = ([code, dst, src, off, imm]: EbpfInstruction) => `{code=${codeText(code)}, dst_reg=BPF_REG_${dst}, src_reg=BPF_REG_${src}, off=${off}, imm=${hex(imm)}}`

/** struct bpf_insn's members: 8, 4, 4, 16 and 32 bits, the last two signed. */
const ranges = [['code', 0, 0xff], ['dst', 0, 10], ['src', 0, 10], ['off', -0x8000, 0x7fff], ['imm', -0x80000000, 0xffffffff]] as const

function checkInstructions(value: unknown): void {
  // BPF_MAXINSNS for whoever lacks CAP_BPF; more than any list of devices needs.
  if (!Array.isArray(value) || value.length === 0 || value.length > 4096) refuse('insns', '1 to 4096 eBPF instructions', value)
  for (const item of value) {
    if (!Array.isArray(item) || item.length !== 5) refuse('insns', 'instructions [code, dst, src, off, imm]', item)
    for (const [i, [name, least, most]] of ranges.entries()) if (!Number.isInteger(item[i]) || item[i] < least || item[i] > most) throw new RangeError(`insns holds ${JSON.stringify(item)}: ${name} is from ${least} to ${most}`)
  }
}

function bytesOf(insns: readonly EbpfInstruction[]): Uint8Array {
  const out = new DataView(new ArrayBuffer(insns.length * 8))
  for (const [i, [code, dst, src, off, imm]] of insns.entries()) {
    out.setUint8(i * 8, code)
    out.setUint8(i * 8 + 1, dst | (src << 4))
    out.setInt16(i * 8 + 2, off, true)
    out.setInt32(i * 8 + 4, imm | 0, true)
  }
  return new Uint8Array(out.buffer)
}

export interface BpfProgram {
  readonly prog_type: Constant<'bpf_prog_type'>
  readonly insns: readonly EbpfInstruction[]
  readonly license: string
  /** At most 15 bytes; bpftool shows it. */
  readonly prog_name: string
  readonly expected_attach_type: Constant<'bpf_attach_type'>
}

const utf8 = new TextEncoder()

/** union bpf_attr as BPF_PROG_LOAD reads it, up to expected_attach_type, and its size. */
export function programLoad(name: string): Param<BpfProgram> {
  return {
    name,
    check: (value) => {
      const program = (typeof value === 'object' && value !== null ? value : refuse(name, '{ prog_type, insns, license, prog_name, expected_attach_type }', value)) as BpfProgram
      one('prog_type', 'bpf_prog_type').check(program.prog_type)
      one('expected_attach_type', 'bpf_attach_type').check(program.expected_attach_type)
      checkInstructions(program.insns)
      sizedText('license').check(program.license)
      // bpf_obj_name_cpy(): letters, digits, _ and . only.
      if (!/^[\w.]{0,15}$/.test(program.prog_name)) throw new RangeError(`prog_name must be 0 to 15 letters, digits, _ or ., not ${JSON.stringify(program.prog_name)}`)
    },
    print: ({ prog_type, insns, license, prog_name, expected_attach_type }) =>
      `{prog_type=${prog_type}, insn_cnt=${insns.length}, insns=[${insns.map(instruction).join(', ')}], license=${JSON.stringify(license)}, log_level=0, log_size=0, log_buf=NULL, kern_version=KERNEL_VERSION(0, 0, 0), ` +
      `prog_flags=0, prog_name=${JSON.stringify(prog_name)}, prog_ifindex=0, expected_attach_type=${expected_attach_type}}, 72`,
    encode: ({ prog_type, insns, license, prog_name, expected_attach_type }, memory) => {
      const out = new Uint8Array(72)
      const view = new DataView(out.buffer)
      const number = (text: Constant<'bpf_prog_type'> | Constant<'bpf_attach_type'>, family: 'bpf_prog_type' | 'bpf_attach_type') => Number(one('', family).encode(text as never, memory)[0])
      view.setUint32(0, number(prog_type, 'bpf_prog_type'), true)
      view.setUint32(4, insns.length, true)
      view.setBigUint64(8, memory.place(bytesOf(insns)), true)
      view.setBigUint64(16, memory.place(utf8.encode(`${license}\0`)), true)
      out.set(utf8.encode(prog_name), 48)
      view.setUint32(68, number(expected_attach_type, 'bpf_attach_type'), true)
      return [memory.place(out), 72n]
    },
  }
}

export interface BpfQuery extends OutBuffer {
  readonly target_fd: Fd
  readonly attach_type: Constant<'bpf_attach_type'>
}

/** union bpf_attr as BPF_PROG_QUERY reads it: what is attached to the target itself, as 32-bit numbers into a buffer of `out` bytes. */
export function programQuery(name: string): Param<BpfQuery> {
  return {
    name,
    check: (value) => {
      const { target_fd, attach_type, out } = (typeof value === 'object' && value !== null ? value : refuse(name, '{ target_fd, attach_type, out }', value)) as BpfQuery
      fd('target_fd').check(target_fd)
      one('attach_type', 'bpf_attach_type').check(attach_type)
      uint('out').check(out)
      // perform finds the buffer by its size, which must not be the attribute's own.
      if (out % 4 !== 0 || out < 64 || out > 4096) throw new RangeError(`out must be a multiple of 4 from 64 to 4096 bytes, not ${out}`)
    },
    print: ({ target_fd, attach_type, out }, view) => `{query={target_fd=${fd('target_fd').print(target_fd, view, [])}, attach_type=${attach_type}, query_flags=0, attach_flags=0, prog_ids=…, prog_cnt=${out / 4}}}, 28`,
    encode: ({ target_fd, attach_type, out }, memory) => {
      const attribute = new DataView(new ArrayBuffer(28))
      const target = fd('target_fd').encode(target_fd, memory)[0]!
      const holes: Hole[] = typeof target === 'object' ? [{ offset: 0, fd: target.fd }] : []
      if (typeof target !== 'object') attribute.setInt32(0, Number(target), true)
      attribute.setUint32(4, Number(one('', 'bpf_attach_type').encode(attach_type, memory)[0]), true)
      attribute.setBigUint64(16, memory.place(new Uint8Array(out)), true)
      attribute.setUint32(24, out / 4, true)
      return [memory.place(new Uint8Array(attribute.buffer), holes), 28n]
    },
  }
}
