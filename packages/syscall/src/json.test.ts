import fc from 'fast-check'
import { expect, test } from 'vitest'
import { samples } from '../test/samples.ts'
import { errnoTable, explain, families, parse, stringify, sys, type ErrnoName, type Note, type Syscall } from './index.ts'

const errnos = fc.subarray(Object.keys(errnoTable) as ErrnoName[])
const note: fc.Arbitrary<Exclude<Note, string>> = fc.record({ why: fc.string(), as: fc.string(), allow: errnos, retry: errnos, returns: fc.integer() }, { requiredKeys: ['why'] })
const path = fc.string({ unit: 'grapheme' }).filter((s) => !s.includes('\0'))
const fd = fc.oneof(fc.integer({ min: -1, max: 2 ** 31 - 1 }), fc.constant('AT_FDCWD' as const), fc.record({ fd: fc.string() }))
const uint = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const some = <T>(names: readonly T[]) => fc.subarray([...names])
const bytes = fc.uint8Array().map((b) => ({ hex: Buffer.from(b).toString('hex') }))

/** Calls with all kinds of arguments there are. */
const call: fc.Arbitrary<Syscall> = fc.oneof(
  fc.tuple(fc.constantFrom(...samples), note).map(([sample, n]) => ({ ...sample, ...n })),
  fc.tuple(fd, path, some(families.open), fc.integer({ min: 0, max: 0o7777 }), note).map((a) => sys.openat(...a)),
  fc.tuple(fd, path, fc.record({ flags: some(families.open), mode: fc.integer({ min: 0, max: 0o777 }), resolve: some(families.resolve) }, { requiredKeys: [] }), note).map((a) => sys.openat2(...a)),
  fc.tuple(fd, fc.oneof(path, bytes), note).map((a) => sys.write(...a)),
  fc.tuple(fd, fc.array(fc.oneof(path, bytes)), note).map((a) => sys.writev(...a)),
  fc.tuple(fc.option(path), path, fc.option(path), some(families.mount), fc.option(path), note).map((a) => sys.mount(...a)),
  fc.tuple(path, fc.array(path), fc.array(path), note).map((a) => sys.execve(...a)),
  fc.tuple(fc.array(uint), note).map((a) => sys.setgroups(...a)),
  fc.tuple(fc.record({ effective: some(families.capability), permitted: some(families.capability), inheritable: some(families.capability) }), note).map((a) => sys.capset(...a)),
  fc.tuple(fc.array(fc.record({ fd, events: some(families.poll) }).filter((p) => p.fd !== 'AT_FDCWD')), fc.option(fc.record({ tv_sec: fc.nat(), tv_nsec: fc.integer({ min: 0, max: 999_999_999 }) })), note).map((a) => sys.ppoll(...a)),
)

test('a program survives JSON, and means the same', () => {
  fc.assert(fc.property(fc.array(call), (program) => {
    const copy = parse(stringify(program))
    expect(copy).toEqual(program)
    const lines = (p: readonly Syscall[]) => p.map((c) => explain([c], { why: false }))
    expect(lines(copy)).toEqual(lines(program))
  }))
})

test('one call is one line', () => {
  expect(stringify([])).toBe('[\n\n]\n')
  expect(stringify([sys.getpid('a'), sys.getppid('b')])).toBe('[\n  {"name":"getpid","args":[],"why":"a"},\n  {"name":"getppid","args":[],"why":"b"}\n]\n')
})

test.each([
  ['{', SyntaxError, 'JSON'],
  ['{}', TypeError, 'A program is an array of calls'],
  ['[1]', TypeError, 'Call 1 needs a name, args and why'],
  ['[null]', TypeError, 'Call 1 needs a name, args and why'],
  ['[{"name":"getpid","args":[]}]', TypeError, 'Call 1 needs a name, args and why'],
  ['[{"name":"getpid","args":[],"why":"x"},{"name":"fork","args":[],"why":"x"}]', TypeError, 'There is no system call "fork" in the table'],
  ['[{"name":"toString","args":[],"why":"x"}]', TypeError, 'There is no system call "toString" in the table'],
  ['[{"name":"getpid","args":[],"why":"x","if":1}]', TypeError, 'Call 1 has an unknown member "if"'],
  ['[{"name":"getpid","args":[],"why":"x","allow":["ENOPE"]}]', TypeError, 'Call 1 names "ENOPE", which is no errno'],
  ['[{"name":"getpid","args":[],"why":"x","allow":"EEXIST"}]', TypeError, 'Call 1: allow must be an array of errnos'],
  ['[{"name":"getpid","args":[],"why":"x","retry":{}}]', TypeError, 'Call 1: retry must be an array of errnos'],
  ['[{"name":"getpid","args":[],"why":"x","as":1}]', TypeError, 'Call 1: as must be a name'],
  ['[{"name":"getpid","args":[],"why":"x","returns":0.5}]', TypeError, 'Call 1: returns must be an integer'],
  ['[{"name":"chdir","args":["a\\u0000b"],"why":"x"}]', TypeError, 'chdir: path must not contain a NUL byte'],
  ['[{"name":"umask","args":[-1],"why":"x"}]', RangeError, 'umask: mask must be an integer'],
])('refuses %s', (text, kind, message) => {
  expect(() => parse(text)).toThrow(kind)
  expect(() => parse(text)).toThrow(message)
})
