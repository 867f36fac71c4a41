import { expect, test } from 'vitest'
import { run, type Instruction } from './index.ts'

const call = { number: 7, architecture: 0xc000003e, instructionPointer: 0x1122334455667788n, args: [1n, 0xaabbccdd00000002n] }
const returned = (...instructions: readonly Instruction[]) => run(instructions, call).returned
const [returnA, load] = [[0x16, 0, 0, 0] as const, (at: number) => [0x20, 0, 0, at] as const]

test('loads what struct seccomp_data has where', () => {
  expect([0, 4, 8, 12, 16, 20, 24, 28].map((at) => returned(load(at), returnA))).toEqual([7, 0xc000003e, 0x55667788, 0x11223344, 1, 0, 2, 0xaabbccdd])
})

test.each<[string, Instruction, number]>([
  ['add', [0x04, 0, 0, 0xfffffffe], 5], ['sub', [0x14, 0, 0, 8], 0xffffffff], ['mul', [0x24, 0, 0, 0x40000001], 0xc0000007], ['div', [0x34, 0, 0, 2], 3], ['or', [0x44, 0, 0, 0x80000000], 0x80000007],
  ['and', [0x54, 0, 0, 6], 6], ['lsh', [0x64, 0, 0, 30], 0xc0000000], ['lsh 32', [0x64, 0, 0, 32], 0], ['rsh', [0x74, 0, 0, 1], 3], ['neg', [0x84, 0, 0, 0], 0xfffffff9], ['mod', [0x94, 0, 0, 4], 3], ['xor', [0xa4, 0, 0, 5], 2],
])('%s', (_name, instruction, result) => expect(returned(load(0), instruction, returnA)).toBe(result))

test('the other register, memory, the length', () => {
  expect(returned([0x01, 0, 0, 3], [0x87, 0, 0, 0], returnA)).toBe(3)
  expect(returned(load(0), [0x07, 0, 0, 0], [0x00, 0, 0, 100], [0x0c, 0, 0, 0], returnA)).toBe(107)
  expect(returned(load(0), [0x02, 0, 0, 5], [0x00, 0, 0, 1], [0x60, 0, 0, 5], returnA)).toBe(7)
  expect(returned([0x01, 0, 0, 9], [0x03, 0, 0, 1], [0x61, 0, 0, 1], [0x87, 0, 0, 0], returnA)).toBe(9)
  expect(returned([0x80, 0, 0, 0], returnA)).toBe(64)
})

test('a division by zero ends the program with 0', () => expect(returned(load(0), [0x01, 0, 0, 0], [0x3c, 0, 0, 0], returnA)).toBe(0))

test.each<[string, number, number, boolean]>([
  ['jeq', 0x15, 7, true], ['jeq', 0x15, 8, false], ['jgt', 0x25, 6, true], ['jgt', 0x25, 7, false], ['jge', 0x35, 7, true], ['jge', 0x35, 0x80000000, false], ['jset', 0x45, 4, true], ['jset', 0x45, 8, false],
])('%s %#', (_name, code, k, jumps) => expect(returned(load(0), [code, 1, 0, k], [6, 0, 0, 0], [6, 0, 0, 1])).toBe(jumps ? 1 : 0))

test('counts what it runs', () => expect(run([[5, 0, 0, 1], [6, 0, 0, 1], [6, 0, 0, 2]], call)).toEqual({ returned: 2, steps: 2 }))

test('what the kernel would not take is an error', () => {
  expect(() => returned(load(2))).toThrow(new RangeError('Cannot load 32 bits at 2: struct seccomp_data has 64 bytes'))
  expect(() => returned(load(64))).toThrow(RangeError)
  expect(() => returned([0x30, 0, 0, 0])).toThrow(new RangeError('Cannot run instruction 0: a filter may not have code 0x30'))
  expect(() => returned([5, 0, 0, 7])).toThrow(new RangeError('Cannot run instruction 8: there are 1'))
})
