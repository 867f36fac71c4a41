import { describe, expect, test } from 'vitest'
import { parseVariant } from './gvariant.ts'
import { marshal } from './marshal.ts'

/** The examples are those of docs.gtk.org, GVariant Text Format, and what systemd takes. */
describe('values in the text format of GVariant', () => {
  test.each([
    ['5', 'i', 5], ['-5', 'i', -5], ['0x1f', 'i', 31], ['010', 'i', 8], ['uint64 123456789', 't', 123456789n], ['uint64 0xffffffffffffffff', 't', 2n ** 64n - 1n], ['int64 -1', 'x', -1n], ['byte 0x41', 'y', 65], ['int16 -7', 'n', -7], ['uint16 65535', 'q', 65535], ['uint32 4294967295', 'u', 4294967295],
    ['1.5', 'd', 1.5], ['1e3', 'd', 1000], ['.5', 'd', 0.5], ['double 5', 'd', 5], ['-inf', 'd', -Infinity], ['0x1e', 'i', 30],
    ['true', 'b', true], ['boolean false', 'b', false], ["'inactive-or-failed'", 's', 'inactive-or-failed'], ['"it\'s"', 's', 'it\'s'], [String.raw`'it\'s \u00fc\n\U0001F600\x'`, 's', 'it\'s ü\n😀x'], ["objectpath '/a'", 'o', '/a'], ["signature 'as'", 'g', 'as'],
    ["b'hi'", 'ay', [104, 105, 0]], [String.raw`b"\101\n"`, 'ay', [65, 10, 0]], ["b'ü'", 'ay', [0xc3, 0xbc, 0]],
    ["['a', 'b']", 'as', ['a', 'b']], ['[1, 2.5]', 'ad', [1, 2.5]], ['[uint64 1, 2]', 'at', [1n, 2n]], ['[1, uint64 2,]', 'at', [1n, 2n]], ['@as []', 'as', []], ['@ay [0x03, 255]', 'ay', [3, 255]],
    ["('a', 1)", '(si)', ['a', 1]], ["('a',)", '(s)', ['a']], ["@a(ss) [('/dev/null', 'rwm')]", 'a(ss)', [['/dev/null', 'rwm']]], ["[('char-pts', 'rw')]", 'a(ss)', [['char-pts', 'rw']]],
    ["<'a'>", 'v', { signature: 's', value: 'a' }], ["{'a': <uint64 1>, 'b': <true>}", 'a{sv}', [['a', { signature: 't', value: 1n }], ['b', { signature: 'b', value: true }]]], ['@a{sv} {}', 'a{sv}', []], ['{1: 2.5}', 'a{id}', [[1, 2.5]]],
    ["  [ 'a' ,'b' ]  ", 'as', ['a', 'b']],
  ])('%s', (text, signature, value) => {
    expect(parseVariant(text)).toEqual({ signature, value })
    // A value of D-Bus, too.
    expect(marshal('v', [{ signature, value }]).length).toBeGreaterThan(0)
  })

  test.each([
    ['', 'the end is no value'], ['text', '"text" is no value: text stands in quotes'], ["'a", '"\'a" is no value'], ["'a' 'b'", '"\'b\'" stands behind the value'], ['[1', 'the end stands where ] belongs'], ['[]', 'needs a type: @as []'], ['[1, true]', 'a value of type b stands where one of type i belongs'],
    ['byte 256', '256 is out of the range of type y'], ['3000000000', 'out of the range of type i'], ['uint64 -1', 'out of the range of type t'], ['uint64 1.5', '1.5 is no whole number'], ['09', '09 is no whole number'], ["uint64 'a'", 'a value of type s stands where one of type t belongs'], ['@s 5', 'the number 5 stands where a value of type s belongs'],
    ['@ss 5', '@ss is not one type'], ['@z 5', 'Not a signature'], ["('a'", 'the end stands where ) belongs'], ["{'a'}", '"}" stands where [:,] belongs'], ['double', 'the end is no value'], ['[[[['.repeat(20), 'is deeper than any value'], ['1x', '1x is no whole number'], ['1.5.5', '1.5.5 is no number'], ["@(ss) ('a',)", 'a value of type (s) stands where one of type (ss) belongs'],
  ])('%s is none', (text, problem) => expect(() => parseVariant(text)).toThrow(problem))
})
