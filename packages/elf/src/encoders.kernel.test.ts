import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assembler, type Assembler } from './assembler.ts'
import type { Machine, Reg } from './registers.ts'

// The oracle: what binutils reads in the bytes.
const objdump = {
  x64: ['objdump', '-m', 'i386:x86-64', '-M', 'intel'],
  arm64: ['aarch64-linux-gnu-objdump', '-m', 'aarch64', '-M', 'no-aliases'],
} as const

function disassemble(machine: Machine, write: (a: Assembler) => void): string[] {
  const a = assembler(machine)
  write(a)
  const folder = mkdtempSync(join(tmpdir(), 'elf-'))
  try {
    const file = join(folder, 'code')
    writeFileSync(file, a.code())
    const [tool, ...args] = objdump[machine]
    const text = execFileSync(tool, ['-D', '-b', 'binary', '-w', '--no-show-raw-insn', ...args, file], { encoding: 'utf8', maxBuffer: 1 << 26 })
    const lines = text.split('\n').filter((line) => /^\s*[0-9a-f]+:\t/.test(line))
    return lines.map((line) => line.replace(/^\s*[0-9a-f]+:\t/, '').replace(/\s*( # |\/\/).*/, '').replace(/\s+/g, ' ').trim())
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const missing = (machine: Machine): string | false =>
  spawnSync(objdump[machine][0], ['--version']).error ? `needs ${objdump[machine][0]} (binutils)` : false

const names: Record<Machine, Record<Reg, string>> = {
  x64: {
    nr: 'rax', result: 'rax', a0: 'rdi', a1: 'rsi', a2: 'rdx', a3: 'r10', a4: 'r8', a5: 'r9',
    s0: 'rbx', s1: 'rbp', s2: 'r12', s3: 'r13', s4: 'r14', s5: 'r15', t0: 'rcx', t1: 'r11', sp: 'rsp',
  },
  arm64: {
    nr: 'x8', result: 'x0', a0: 'x0', a1: 'x1', a2: 'x2', a3: 'x3', a4: 'x4', a5: 'x5',
    s0: 'x19', s1: 'x20', s2: 'x21', s3: 'x22', s4: 'x23', s5: 'x24', t0: 'x9', t1: 'x10', sp: 'sp',
  },
}
const all = Object.keys(names.x64) as Reg[]
const general = all.filter((reg) => reg !== 'sp')
const pairs = general.flatMap((a) => general.map((b) => [a, b] as const))

for (const machine of ['x64', 'arm64'] as const) {
  const reason = missing(machine)
  const reg = names[machine]
  describe.skipIf(reason)(`${machine}, as objdump reads it${reason ? `: ${reason}` : ''}`, () => {
    test('mov between every two registers', () => {
      const every = all.flatMap((a) => all.map((b) => [a, b] as const)).filter(([a, b]) => reg[a] !== reg[b])
      const lines = disassemble(machine, (a) => every.forEach(([dst, src]) => a.mov(dst, src)))
      expect(lines).toEqual(
        every.map(([dst, src]) =>
          machine === 'x64' ? `mov ${reg[dst]},${reg[src]}`
          : dst === 'sp' || src === 'sp' ? `add ${reg[dst]}, ${reg[src]}, #0x0`
          : `orr ${reg[dst]}, xzr, ${reg[src]}`),
      )
    })

    test.each(['add', 'sub', 'and', 'or', 'xor'] as const)('%s between every two registers', (name) => {
      const lines = disassemble(machine, (a) => pairs.forEach(([dst, src]) => a[name](dst, src)))
      const spelled = machine === 'x64' ? name : { add: 'add', sub: 'sub', and: 'and', or: 'orr', xor: 'eor' }[name]
      expect(lines).toEqual(
        pairs.map(([d, s]) => (machine === 'x64' ? `${spelled} ${reg[d]},${reg[s]}` : `${spelled} ${reg[d]}, ${reg[d]}, ${reg[s]}`)),
      )
    })

    test('sp moves by registers and immediates', () => {
      const lines = disassemble(machine, (a) => {
        a.add('sp', 's1')
        a.sub('sp', 4096)
        a.sub('sp', 16)
      })
      expect(lines).toEqual(
        machine === 'x64'
          ? ['add rsp,rbp', 'sub rsp,0x1000', 'sub rsp,0x10']
          : ['add sp, sp, x20', 'sub sp, sp, #0x1, lsl #12', 'sub sp, sp, #0x10'],
      )
    })

    test('neg of every register', () => {
      const lines = disassemble(machine, (a) => general.forEach((r) => a.neg(r)))
      expect(lines).toEqual(general.map((r) => (machine === 'x64' ? `neg ${reg[r]}` : `sub ${reg[r]}, xzr, ${reg[r]}`)))
    })

    test('any 64-bit constant is loaded', () => {
      const values = fc.sample(fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
        fc.bigInt({ min: -(2n ** 32n), max: 2n ** 32n }),
        fc.tuple(fc.bigInt({ min: -0xffffn, max: 0xffffn }), fc.constantFrom(0n, 16n, 32n, 47n)).map(([v, s]) => v << s),
      ), 2000).concat([0n, -1n, 2n ** 31n, -(2n ** 31n), -(2n ** 31n) - 1n, 2n ** 32n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n])
      const lines = disassemble(machine, (a) => values.forEach((value, i) => a.mov(general[i % general.length]!, value)))
      const seen: bigint[] = []
      for (const line of lines) {
        const [, name, to, value, shift = '0'] = /^(\w+) (\w+), ?#?(0x[0-9a-f]+)(?:, lsl #(\d+))?$/.exec(line)!
        const part = BigInt(value!) << BigInt(shift)
        if (name === 'movk') {
          const before = seen.pop()!
          seen.push((before & ~(0xffffn << BigInt(shift))) | part)
        } else seen.push(BigInt.asUintN(64, name === 'movn' ? ~part : part))
        const last = seen.length - 1
        const whole = reg[general[last % general.length]!]
        // A 32-bit mov into eax is a mov into rax with zeros above.
        expect([whole, whole.replace(/^r(..)$/, 'e$1'), `${whole}d`]).toContain(to)
      }
      expect(seen).toEqual(values.map((value) => BigInt.asUintN(64, value)))
    })

    test('loads and stores of every width, base and offset form', () => {
      const offsets = [0, 1, 2, 8, 127, 128, -1, -128, -129, -256, -257, 255, 256, 4095, 32760, 32768, 1 << 20, -(2 ** 31), 2 ** 31 - 1]
      const cases = ([8, 16, 32, 64] as const).flatMap((width) => all.flatMap((base) => offsets.map((offset) => ({ width, base, offset }))))
      const valueOf = (i: number): Reg => general[i % general.length]!
      for (const kind of ['load', 'store'] as const) {
        const lines = disassemble(machine, (a) =>
          cases.forEach(({ width, base, offset }, i) =>
            kind === 'load' ? a.load(valueOf(i), base, offset, width) : a.store(base, offset, valueOf(i), width)))
        expect(accesses(machine, lines)).toEqual(
          cases.map(({ width, base, offset }, i) => `${kind} ${width} ${reg[valueOf(i)]} ${reg[base]} ${offset}`))
      }
    })

    test('branches on every condition, compared with registers and immediates', () => {
      const signs = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'lo', 'ls', 'hi', 'hs'] as const
      const lines = disassemble(machine, (a) => {
        a.label('here')
        for (const sign of signs) a.branch(sign, 's0', 't0', 'here')
        for (const value of [0, 1, -1, 127, 128, -4095, -4096, 4097, 2 ** 31 - 1, -(2 ** 31)]) a.branch('eq', 's0', value, 'here')
      })
      expect(lines).toMatchSnapshot()
    })

    test('shifts by constants and by every register', () => {
      const lines = disassemble(machine, (a) => {
        for (const count of [0, 1, 31, 32, 63]) a.shl('s5', count)
        for (const count of [0, 1, 31, 32, 63]) a.shr('s5', count)
        for (const [dst, src] of [['s0', 's1'], ['s0', 't0'], ['t0', 's0'], ['t0', 't0'], ['s0', 's0']] as const) {
          a.shl(dst, src)
          a.shr(dst, src)
        }
      })
      expect(lines).toMatchSnapshot()
    })

    test('control flow, system calls, addresses, data', () => {
      const lines = disassemble(machine, (a) => {
        a.jump('end')
        a.call('routine')
        a.address('a1', 'text')
        a.address('s4', 'routine')
        a.label('routine')
        a.syscall()
        a.ret()
        a.label('end')
        a.align(16)
        a.jump('routine')
        a.align(16)
        a.label('text')
      })
      expect(lines).toMatchSnapshot()
    })

    test('immediates of two-operand instructions', () => {
      const lines = disassemble(machine, (a) => {
        for (const name of ['add', 'sub', 'and', 'or', 'xor'] as const)
          for (const value of [0, 1, -1, 127, -128, 128, 4095, 4096, 4097, 0xfff000, 2 ** 31 - 1, -(2 ** 31)]) a[name]('s2', value)
      })
      expect(lines).toMatchSnapshot()
    })
  })
}

/** Each access as "kind width register base offset", whatever form it was encoded in. */
function accesses(machine: Machine, lines: string[]): string[] {
  const found: string[] = []
  let scratch = 0n
  for (const line of lines) {
    if (machine === 'x64') {
      const [, to, width, address, from] = /^movz?x? (?:([a-z0-9]+),)?(?:(\w+) PTR )?\[([^\]]+)\](?:,(\w+))?$/.exec(line)!
      const [, base, sign = '+', offset = '0'] = /^(\w+?)(?:([+-])(0x[0-9a-f]+))?(?:\*1)?$/.exec(address!)!
      const bits = { BYTE: 8, WORD: 16, DWORD: 32, QWORD: 64 }[width!]
      found.push(`${from ? 'store' : 'load'} ${bits} ${wholeOf(from ?? to!)} ${base} ${sign === '-' ? -Number(offset) : Number(offset)}`)
      continue
    }
    const constant = /^mov(.) x16, #(0x[0-9a-f]+)(?:, lsl #(\d+))?$/.exec(line)
    if (constant) {
      const part = BigInt(constant[2]!) << BigInt(constant[3] ?? 0)
      scratch = constant[1] === 'z' ? part : constant[1] === 'n' ? ~part : (scratch & ~(0xffffn << BigInt(constant[3] ?? 0))) | part
      continue
    }
    const [, name, size, value, base, offset = '0'] = /^(ld|st)u?r(b|h)? (\w+), \[(\w+)(?:, #?(-?\w+))?\]$/.exec(line.replace(/^(ld|st)ur/, '$1ur'))!
    const bits = size === 'b' ? 8 : size === 'h' ? 16 : value!.startsWith('w') ? 32 : 64
    found.push(`${name === 'ld' ? 'load' : 'store'} ${bits} ${value!.replace('w', 'x')} ${base} ${offset === 'x16' ? Number(BigInt.asIntN(64, scratch)) : Number(offset)}`)
  }
  return found
}

/** rax of al, ax, eax and so on. */
function wholeOf(name: string): string {
  if (/^r\d+/.test(name)) return name.replace(/[bwd]$/, '')
  const letters = name.replace(/^[er]/, '').replace(/l$/, '')
  return `r${letters.length === 1 ? `${letters}x` : letters}`
}
