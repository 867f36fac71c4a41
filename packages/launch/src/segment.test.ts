import { expect, test } from 'vitest'
import { numbers, sys, type Program } from '@ctr/syscall'
import { headerBlock, headerBytes, programAddress, record, status, statusAddress, statusBytes } from './layout.ts'
import { segment, type Line } from './segment.ts'

const line = (program: Program, open: Record<string, number> = {}): Line => ({ steps: program.map((call, index) => ({ call, index })), open })

/** Reads what the interpreter would. */
function reader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const word = (at: number) => Number(view.getBigInt64(at, true))
  const list = (address: number): number[] => (word(address - programAddress) === 0 ? [] : [word(address - programAddress), ...list(address + 8)])
  const at = (i: number, offset: number) => headerBytes + i * record.bytes + offset
  return {
    first: word(0),
    nr: (i: number) => word(at(i, record.nr)),
    arg: (i: number, n: number) => word(at(i, record.args + 8 * n)),
    argAddress: (i: number, n: number) => programAddress + at(i, record.args + 8 * n),
    index: (i: number) => view.getUint32(at(i, record.index), true),
    allow: (i: number) => [...bytes.subarray(at(i, record.allow), at(i, record.allow) + 8)].filter(Boolean),
    patches: (i: number) => list(word(at(i, record.patches))),
    fork: (i: number) => word(at(i, record.fork)),
    page: (i: number) => word(at(i, record.page)),
    returns: (i: number) => word(at(i, record.returns)),
    int32: (address: number) => view.getInt32(address - programAddress, true),
  }
}

test.each([['x64', 0], ['arm64', 1]] as const)('a record a call, and exit_group behind the last, on %s', (machine, column) => {
  const r = reader(segment(line([sys.getpid('a'), sys.close(7, 'b')]), [], machine))
  expect(r.first).toBe(programAddress + headerBytes)
  expect([r.nr(0), r.nr(1), r.nr(2)]).toEqual([numbers.getpid[column], numbers.close[column], numbers.exit_group[column]])
  expect([r.index(0), r.index(1), r.index(2)]).toEqual([0, 1, 2])
  expect(r.arg(1, 0)).toBe(7)
})

test('descriptors that are open are written down, others are stored where they are wanted', () => {
  const program = [
    sys.fchdir({ fd: 'given' }, 'a'),
    sys.openat({ fd: 'given' }, 'x', [], 0, { as: 'x', why: 'b' }),
    sys.fchdir({ fd: 'x' }, 'c'),
    sys.ppoll([{ fd: 0, events: ['POLLIN'] }, { fd: { fd: 'x' }, events: ['POLLIN'] }], { tv_sec: 0, tv_nsec: 0 }, 'd'),
    sys.openat({ fd: 'given' }, 'y', [], 0, { as: 'x', why: 'the name again' }),
    sys.close({ fd: 'x' }, 'e'),
  ]
  const r = reader(segment(line(program, { given: 9 }), [], 'x64'))
  expect([r.arg(0, 0), r.arg(1, 0)]).toEqual([9, 9])
  expect(r.patches(0)).toEqual([])
  expect(r.patches(1)).toEqual([r.argAddress(2, 0), r.arg(3, 0) + 8])
  expect(r.patches(4)).toEqual([r.argAddress(5, 0)])
})

test('an allowed errno is kept in the row of its call; on the other side of clone3 there are no rows', () => {
  const chdir = sys.chdir('/', { why: 'x', allow: ['ENOENT', 'EACCES'], returns: 0 })
  const map = sys.mmap(statusAddress, statusBytes, ['PROT_READ', 'PROT_WRITE'], ['MAP_SHARED', 'MAP_FIXED'], 3, 0, 'w')
  const r = reader(segment(line([map, chdir, sys.clone3({ flags: [] }, 'y')]), [line([chdir])], 'x64'))
  expect(r.allow(1)).toEqual([2, 13])
  expect(r.returns(1)).toBe(0)
  expect(r.returns(2)).toBe(-1)
  expect(r.patches(1)).toEqual([statusAddress + status.rows + status.row + status.allowed])
  expect(r.fork(1)).toBe(0)
  // clone3 is followed by exit_group, then by the other line.
  expect(r.fork(2)).toBe(programAddress + headerBytes + 4 * record.bytes)
  // The call that maps the status page cannot report in it.
  expect([0, 1, 2, 4].map(r.page)).toEqual([programAddress + headerBlock, statusAddress, statusAddress, statusAddress + status.block])
  expect(r.patches(4)).toEqual([])
})

test('a program that does not map the status page first reports to nobody', () => {
  const r = reader(segment(line([sys.chdir('/', { why: 'x', allow: ['ENOENT'] }), sys.clone3({ flags: [] }, 'y')]), [line([sys.getpid('z')])], 'x64'))
  expect([0, 1, 3].map(r.page)).toEqual(Array(3).fill(programAddress + headerBlock))
  expect(r.patches(0)).toEqual([])
})

test('mistakes are found before anything runs', () => {
  expect(() => segment(line([sys.getpid('a'), sys.close({ fd: 'none' }, 'b')]), [], 'x64')).toThrow('Call 2, close: no earlier call returns a descriptor called "none"')
  expect(() => segment(line([sys.clone3({ flags: [] }, 'y')]), [], 'x64')).toThrow("needs a program for the parent's side")
  expect(() => segment(line([sys.chdir('/', { why: 'x', allow: ['EPERM', 'ENOENT', 'EIO', 'EACCES', 'EBUSY', 'EEXIST', 'EXDEV', 'EINVAL'] })]), [], 'x64')).toThrow('at most seven')
  expect(() => segment(line([]), [line([]), line([]), line([]), line([])], 'x64')).toThrow('three clone3')
})

test('a program larger than the packaged interpreter maps is refused', () => {
  expect(() => segment(line(Array.from({ length: 33 }, () => sys.write(1, 'x'.repeat(2 ** 21), 'much'))), [], 'x64')).toThrow('64 MiB')
})
