import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { assembler, type Assembler } from './assembler.ts'
import { elf, type Executable } from './elf.ts'
import type { Machine } from './registers.ts'

// From asm/unistd_64.h and asm-generic/unistd.h.
const NR = { x64: { write: 1, exit: 60 }, arm64: { write: 64, exit: 93 } } as const
const dataAddress = 0x10000000

const folder = mkdtempSync(join(tmpdir(), 'elf-'))
afterAll(() => rmSync(folder, { recursive: true }))

function exit(a: Assembler): void {
  a.mov('nr', NR[a.machine].exit)
  a.syscall()
}

function save(machine: Machine, write: (a: Assembler) => void, rest: Partial<Executable> = {}): string {
  const a = assembler(machine)
  write(a)
  const file = join(folder, `program-${machine}`)
  writeFileSync(file, elf({ machine, code: a.code(), ...rest }), { mode: 0o755 })
  return file
}

const emulator = 'qemu-aarch64-static'
for (const machine of ['x64', 'arm64'] as const) {
  const native = process.arch === machine
  const reason = native ? false : machine !== 'arm64' ? `needs an ${machine} machine` : spawnSync(emulator, ['--version']).error ? `needs ${emulator}` : false
  const run = (write: (a: Assembler) => void, rest: Partial<Executable> = {}) => {
    const file = save(machine, write, rest)
    const { status, signal, stdout } = native ? spawnSync(file, { encoding: 'utf8' }) : spawnSync(emulator, [file], { encoding: 'utf8' })
    return { status, signal, stdout }
  }
  const status = (write: (a: Assembler) => void, rest?: Partial<Executable>) => run((a) => { write(a); exit(a) }, rest).status

  describe.skipIf(reason)(`${machine}, as it runs${native ? '' : ` under ${emulator}`}${reason ? `: ${reason}` : ''}`, () => {
    test('prints text from its code and exits', () => {
      const result = run((a) => {
        a.mov('nr', NR[machine].write)
        a.mov('a0', 1)
        a.address('a1', 'text')
        a.mov('a2', 6)
        a.syscall()
        a.mov('a0', 'result')
        exit(a)
        a.label('text')
        a.bytes(new TextEncoder().encode('hello\n'))
      })
      expect(result).toEqual({ status: 6, signal: null, stdout: 'hello\n' })
    })

    test('starts at its entry', () => {
      expect(status((a) => {
        a.mov('a0', 1)
        exit(a)
        a.align(64)
        a.mov('a0', 2)
      }, { entry: 64 })).toBe(2)
    })

    test('reads and writes its data, and finds zeros behind it', () => {
      expect(status((a) => {
        a.mov('s0', dataAddress)
        a.load('a0', 's0', 1, 8)
        a.store('s0', 0, 'a0', 32)
        a.load('t0', 's0', 3, 64)
        a.add('a0', 't0')
        a.mov('s1', dataAddress + 100_000)
        a.load('t1', 's1', 0, 64)
        a.add('a0', 't1')
      }, { data: Uint8Array.of(1, 40, 0, 0), dataAddress, zeroed: 100_008 })).toBe(40)
    })

    test('has zeros without data', () => {
      expect(status((a) => {
        a.mov('s0', dataAddress)
        a.mov('t0', 9)
        a.store('s0', 8, 't0', 64)
        a.load('a0', 's0', 8, 64)
        a.load('t1', 's0', 0, 64)
        a.add('a0', 't1')
      }, { dataAddress, zeroed: 16 })).toBe(9)
    })

    test.each([
      ['its code', 0x400000, {}],
      ['read-only data', dataAddress, { data: new Uint8Array(8), dataAddress, readOnly: true }],
    ])('cannot write to %s', (_, address, rest) => {
      const { status, signal } = run((a) => {
        a.mov('s0', address)
        a.store('s0', 0, 's0', 64)
        exit(a)
      }, rest)
      expect(signal ?? status).toBe('SIGSEGV')
    })

    test('calls nest, and keep the stack', () => {
      expect(status((a) => {
        a.mov('a0', 0)
        a.mov('s0', 'sp')
        a.call('four')
        a.mov('s1', 'sp')
        a.sub('s0', 's1')
        a.add('a0', 's0')
        exit(a)
        a.label('four')
        a.call('two')
        a.call('two')
        a.ret()
        a.label('two')
        a.call('one')
        a.call('one')
        a.ret()
        a.label('one')
        a.add('a0', 1)
        a.ret()
      })).toBe(4)
    })

    test.each([[-1, 5], [5, -1]])('compares %i with %i, as signed and as unsigned numbers', (left, right) => {
      const signs = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'lo', 'ls', 'hi', 'hs'] as const
      for (const operand of ['register', 'immediate']) {
        const taken = status((a) => {
          a.mov('s0', left)
          a.mov('s1', right)
          a.mov('s2', 0)
          signs.forEach((sign, i) => {
            if (sign === 'eq' || sign === 'ne') return
            a.branch(sign, 's0', operand === 'register' ? 's1' : right, `yes${i}`)
            a.jump(`no${i}`)
            a.label(`yes${i}`)
            a.or('s2', 1 << (i - 2))
            a.label(`no${i}`)
          })
          a.mov('a0', 's2')
        })
        const expected = left < 0 ? 'lt le hi hs' : 'gt ge lo ls'
        expect(taken).toBe(signs.slice(2).reduce((sum, sign, i) => sum + (expected.split(' ').includes(sign) ? 1 << i : 0), 0))
      }
    })

    test.each([['s0', 's1'], ['s0', 't0'], ['t0', 's0'], ['t0', 't0'], ['s0', 's0'], ['a0', 't1']] as const)('shifts %s by %s', (dst, src) => {
      const value = dst === src ? 3 : 5
      expect(status((a) => {
        a.mov(src, 3)
        a.mov(dst, value)
        a.shl(dst, src)
        if (dst !== src) a.branch('ne', src, 3, 'wrong')
        a.mov('a0', dst)
        a.jump('end')
        a.label('wrong')
        a.mov('a0', 99)
        a.label('end')
      })).toBe(value << 3)
    })
  })
}

const readelf = spawnSync('readelf', ['--version']).error ? 'needs readelf (binutils)' : false
describe.skipIf(readelf)(`readelf${readelf ? `: ${readelf}` : ''}`, () => {
  test.each(['x64', 'arm64'] as const)('%s: code is R E, data RW, the stack RW', (machine) => {
    const file = save(machine, exit, { data: Uint8Array.of(1), dataAddress, zeroed: 7 })
    const text = execFileSync('readelf', ['-lhW', file], { encoding: 'utf8' })
    expect(text).not.toMatch(/warning|error/i)
    expect(text).toContain(machine === 'x64' ? 'Advanced Micro Devices X86-64' : 'AArch64')
    const rows = text.split('\n').filter((line) => /^ {2}(LOAD|GNU_STACK)/.test(line)).map((line) => line.trim().split(/\s+/))
    const page = machine === 'x64' ? '0x1000' : '0x10000'
    expect(rows.map(([type, , address, , , memory, ...flags]) => [type, address, memory, flags.slice(0, -1).join(' '), flags.at(-1)])).toEqual([
      ['LOAD', '0x0000000000400000', expect.any(String), 'R E', page],
      ['LOAD', '0x0000000010000000', '0x000008', 'RW', page],
      ['GNU_STACK', '0x0000000000000000', '0x000000', 'RW', '0x10'],
    ])
  })
})
