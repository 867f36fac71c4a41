import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeAddress, elf, pageSize, type Executable } from './elf.ts'

const code = Uint8Array.of(0x90, 0xc3)

/** The program headers, by elf(5)'s names. */
function segments(file: Uint8Array) {
  const view = new DataView(file.buffer)
  const word = (at: number) => Number(view.getBigUint64(at, true))
  return Array.from({ length: view.getUint16(56, true) }, (_, i) => {
    const at = 64 + 56 * i
    const [offset, vaddr, , filesz, memsz, align] = [8, 16, 24, 32, 40, 48].map((field) => word(at + field))
    return { type: view.getUint32(at, true), flags: view.getUint32(at + 4, true), offset, vaddr, filesz, memsz, align }
  })
}

test('the header says static executable of the machine', () => {
  const header = (machine: 'x64' | 'arm64') => Buffer.from(elf({ machine, code }).subarray(0, 20)).toString('hex')
  expect(header('x64')).toBe('7f454c46020101000000000000000000' + '0200' + '3e00')
  expect(header('arm64')).toBe('7f454c46020101000000000000000000' + '0200' + 'b700')
})

test('code alone is two segments and 258 bytes', () => {
  const file = elf({ machine: 'x64', code })
  expect(segments(file)).toEqual([
    { type: 1, flags: 5, offset: 0, vaddr: 0x400000, filesz: 258, memsz: 258, align: 4096 },
    { type: 0x6474e551, flags: 6, offset: 0, vaddr: 0, filesz: 0, memsz: 0, align: 16 },
  ])
  expect(file.subarray(256)).toEqual(code)
})

test('zeroed memory takes no room in the file', () => {
  const file = elf({ machine: 'arm64', code, dataAddress: 0x10000, zeroed: 10 })
  expect(file.length).toBe(258)
  expect(segments(file)[1]).toEqual({ type: 1, flags: 6, offset: 0, vaddr: 0x10000, filesz: 0, memsz: 10, align: 65536 })
})

test('the entry counts from the start of the code', () => {
  const entry = new DataView(elf({ machine: 'x64', code, entry: 1 }).buffer).getBigUint64(24, true)
  expect(entry).toBe(BigInt(codeAddress + 1))
})

test('any code and data are found where the headers say, writable or executable but not both', () => {
  const machine = fc.constantFrom('x64' as const, 'arm64' as const)
  const bytes = (min: number) => fc.uint8Array({ minLength: min, maxLength: 9000 })
  fc.assert(fc.property(machine, bytes(1), bytes(1), fc.nat(1 << 20), fc.boolean(), (machine, code, data, zeroed, readOnly) => {
    const file = elf({ machine, code, data, dataAddress: 0x1000_0000, readOnly, ...(readOnly ? {} : { zeroed }) })
    const [text, rest] = segments(file)
    expect(file.subarray(256, text!.filesz)).toEqual(code)
    expect(file.subarray(rest!.offset!, rest!.offset! + rest!.filesz!)).toEqual(data)
    expect(rest!.memsz).toBe(data.length + (readOnly ? 0 : zeroed))
    expect([text!.flags, rest!.flags]).toEqual([5, readOnly ? 4 : 6])
    for (const { offset, vaddr } of [text!, rest!]) expect(vaddr! % pageSize[machine]).toBe(offset! % pageSize[machine])
    expect(file.length).toBe(rest!.offset! + data.length)
  }))
})

describe('refuses', () => {
  const data = new Uint8Array(8)
  const cases: [Partial<Executable>, typeof TypeError, string][] = [
    [{ machine: 'riscv' as never }, TypeError, 'Cannot write an ELF for machine "riscv"'],
    [{ code: new Uint8Array() }, TypeError, 'Cannot write an ELF with code of 0 bytes'],
    [{ code: 'ret' as never }, TypeError, 'Cannot write an ELF with code ret'],
    [{ data: [1] as never }, TypeError, 'Cannot write an ELF with data 1'],
    [{ entry: 2 }, RangeError, 'Cannot start at offset 2 of 2 bytes of code'],
    [{ zeroed: -1 }, RangeError, 'Cannot append -1 zeroed bytes'],
    [{ data }, TypeError, 'Cannot map 8 bytes of data without a dataAddress'],
    [{ data, dataAddress: 0x10000001 }, RangeError, 'Cannot map data at 268435457: it is not a multiple of 4096'],
    [{ data, dataAddress: 4096 }, RangeError, 'it is not between 65536 and'],
    [{ data, dataAddress: 2 ** 47 }, RangeError, 'it is not between 65536 and'],
    [{ data, dataAddress: 0x400000 }, RangeError, 'it overlaps the code at 4194304'],
    [{ zeroed: 0x400000, dataAddress: 0x10000 }, RangeError, 'it overlaps the code at 4194304'],
    [{ data, dataAddress: 0x10000000, zeroed: 1, readOnly: true }, TypeError, 'Cannot append 1 zeroed bytes to read-only data'],
  ]
  test.each(cases)('%o', (part, type, message) => {
    const write = () => elf({ machine: 'x64', code, ...part })
    expect(write).toThrow(type)
    expect(write).toThrow(message)
  })
})
