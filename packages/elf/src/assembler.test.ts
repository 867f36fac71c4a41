import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assembler, type Assembler } from './assembler.ts'
import type { Machine } from './registers.ts'

const machines: Machine[] = ['x64', 'arm64']

const hex = (machine: Machine, write: (a: Assembler) => void): string => {
  const a = assembler(machine)
  write(a)
  return Buffer.from(a.code()).toString('hex')
}

describe('bytes', () => {
  test('exit(7) on x64', () => {
    expect(hex('x64', (a) => {
      a.mov('nr', 60)
      a.mov('a0', 7)
      a.syscall()
    })).toBe('b83c000000' + 'bf07000000' + '0f05')
  })

  test('exit(7) on arm64', () => {
    expect(hex('arm64', (a) => {
      a.mov('nr', 93)
      a.mov('a0', 7)
      a.syscall()
    })).toBe('a80b80d2' + 'e00080d2' + '010000d4')
  })

  test('a constant takes the shortest form', () => {
    const sizes = (machine: Machine) => [0, 1, 0xffffffff, -1, -(2 ** 31), 2 ** 32, -(2 ** 31) - 1].map((value) => hex(machine, (a) => a.mov('nr', value)).length / 2)
    expect(sizes('x64')).toEqual([5, 5, 5, 7, 7, 10, 10])
    expect(sizes('arm64')).toEqual([4, 4, 8, 4, 8, 4, 4])
  })

  test('a register moved to itself, under either name, is nothing', () => {
    expect(hex('x64', (a) => a.mov('nr', 'result'))).toBe('')
    expect(hex('arm64', (a) => a.mov('a0', 'result'))).toBe('')
    expect(hex('arm64', (a) => a.mov('nr', 'result'))).not.toBe('')
  })

  test('align fills with instructions that do nothing, and data with zeros up to the first', () => {
    expect(hex('x64', (a) => { a.ret(); a.align(4) })).toBe('c3909090')
    expect(hex('arm64', (a) => { a.bytes(Uint8Array.of(1)); a.align(8) })).toBe('01000000' + '1f2003d5')
    expect(hex('arm64', (a) => { a.bytes(Uint8Array.of(1)); a.align(2) })).toBe('0100')
  })
})

describe.each(machines)('%s labels', (machine) => {
  test('are found ahead and behind, and code() can be asked twice', () => {
    const a = assembler(machine)
    a.label('start')
    a.jump('end')
    a.jump('start')
    a.label('end')
    expect(a.code()).toEqual(a.code())
  })

  test('are defined once', () => {
    const a = assembler(machine)
    a.label('twice')
    expect(() => a.label('twice')).toThrow('Cannot define label "twice" twice')
  })

  test('are defined at all', () => {
    const a = assembler(machine)
    a.jump('nowhere')
    expect(() => a.code()).toThrow('Cannot find label "nowhere": it is never defined')
  })

  test('any layout of jumps and labels resolves to where they are', () => {
    const part = fc.record({ filling: fc.integer({ min: 0, max: 300 }), to: fc.nat() })
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 40 }), (parts) => {
      const a = assembler(machine)
      parts.forEach(({ filling, to }, i) => {
        a.label(`l${i}`)
        a.jump(`l${to % parts.length}`)
        a.bytes(new Uint8Array(filling * 4))
      })
      const size = machine === 'x64' ? 5 : 4
      const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, { filling }) => sum + filling * 4 + size, 0))
      const code = new DataView(a.code().buffer)
      parts.forEach(({ to }, i) => {
        const at = starts[i]!
        const distance = machine === 'x64' ? code.getInt32(at + 1, true) + 5 : (code.getInt32(at, true) << 6 >> 6) * 4
        expect(at + distance).toBe(starts[to % parts.length])
      })
    }))
  })
})

test('a label out of reach is an error, not a wrong jump', () => {
  const a = assembler('arm64')
  a.branch('eq', 's0', 's1', 'far') // reaches 1 MiB
  a.bytes(new Uint8Array(1 << 20))
  a.label('far')
  expect(() => a.code()).toThrow(RangeError)
  expect(() => a.code()).toThrow('Cannot reach label "far": 1048580 bytes away')
})

describe.each(machines)('%s refuses', (machine) => {
  const cases: [string, (a: Assembler) => void, typeof TypeError, string][] = [
    ['an unknown register', (a) => a.mov('rax' as never, 1), TypeError, 'Cannot use register "rax": there is none of that name'],
    ['sp in a logical operation', (a) => a.and('sp', -16), TypeError, 'Cannot use register "sp" here'],
    ['a constant in sp', (a) => a.mov('sp', 16), TypeError, 'Cannot use register "sp" here'],
    ['a stored sp', (a) => a.store('s0', 0, 'sp', 64), TypeError, 'Cannot use register "sp" here'],
    ['an immediate beyond 32 bits', (a) => a.add('s0', 2 ** 31), RangeError, 'Cannot use 2147483648 as an immediate'],
    ['a fraction', (a) => a.sub('s0', 0.5), RangeError, 'Cannot use 0.5 as an immediate'],
    ['an unsafe number', (a) => a.mov('s0', 2 ** 53), RangeError, 'Cannot load 9007199254740992: it is not a safe integer'],
    ['more than 64 bits', (a) => a.mov('s0', 2n ** 64n), RangeError, 'Cannot load 18446744073709551616: it has more than 64 bits'],
    ['a long offset', (a) => a.load('s0', 's1', 2 ** 31, 64), RangeError, 'Cannot use offset 2147483648'],
    ['an odd width', (a) => a.load('s0', 's1', 0, 24 as never), TypeError, 'Cannot access 24 bits'],
    ['a shift by 64', (a) => a.shl('s0', 64), RangeError, 'Cannot shift by 64: it is not 0 to 63'],
    ['an unknown condition', (a) => a.branch('zero' as never, 's0', 0, 'x'), TypeError, 'Cannot branch on "zero"'],
    ['a label without a name', (a) => a.label(''), TypeError, 'Cannot use "" as a label'],
    ['an odd alignment', (a) => a.align(3), RangeError, 'Cannot align to 3'],
  ]
  test.each(cases)('%s', (_, write, type, message) => {
    const a = assembler(machine)
    expect(() => write(a)).toThrow(type)
    expect(() => write(a)).toThrow(message)
    expect(a.code()).toEqual(new Uint8Array())
  })
})

test('arm64 refuses an instruction at an odd place', () => {
  const a = assembler('arm64')
  a.bytes(Uint8Array.of(1))
  expect(() => a.ret()).toThrow('Cannot put an instruction at offset 1: align(4) after data')
})

test('there is no third machine', () => {
  expect(() => assembler('mips' as never)).toThrow('Cannot assemble for machine "mips"')
})
