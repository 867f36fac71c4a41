import { expect, test } from 'vitest'
import { descriptors, sys, type Program } from './index.ts'

const why = 'a reason'
const open = (as?: string) => sys.openat('AT_FDCWD', '/', ['O_CLOEXEC'], 0, as === undefined ? why : { as, why })
const left = (program: Program, given = {}) => Object.fromEntries(descriptors(program, given).left)

test('the lowest number that is free', () => {
  expect(left([open('a'), open('b')])).toEqual({ a: 3, b: 4 })
  expect(left([open('a'), open('b')], { control: 4 })).toEqual({ control: 4, a: 3, b: 5 })
})

test('one without a name takes a number too', () => expect(left([open(), open('b')])).toEqual({ b: 4 }))

test('a closed number is given again', () => {
  expect(left([open('a'), open('b'), sys.close({ fd: 'a' }, why), open('c')])).toEqual({ b: 4, c: 3 })
  expect(left([open('a'), sys.close(3, why)])).toEqual({})
  expect(left([sys.close(0, why), open('a')])).toEqual({ a: 0 })
})

test('a range is closed at once, unless execve is to do it', () => {
  expect(left([open('a'), open('b'), sys.close_range(4, 4294967295, [], why), open('c')])).toEqual({ a: 3, c: 4 })
  expect(left([open('a'), sys.close_range(3, 4294967295, ['CLOSE_RANGE_CLOEXEC'], why)])).toEqual({ a: 3 })
})

test('dup3 takes the number that it is told', () => {
  expect(left([open('a'), sys.dup3({ fd: 'a' }, 10, ['O_CLOEXEC'], { as: 'b', why }), open('c')])).toEqual({ a: 3, b: 10, c: 4 })
  expect(left([open('a'), open('b'), sys.dup3({ fd: 'a' }, { fd: 'b' }, [], why)])).toEqual({ a: 3 })
})

test('F_DUPFD starts looking where it is told', () => expect(left([open('a'), sys.fcntl({ fd: 'a' }, 'F_DUPFD_CLOEXEC', 10, { as: 'b', why })])).toEqual({ a: 3, b: 10 }))

test('ioctl and fcntl return descriptors with some requests only', () => {
  expect(left([open('a'), sys.ioctl({ fd: 'a' }, 'NS_GET_NSTYPE', why), sys.fcntl({ fd: 'a' }, 'F_GETFD', why), sys.ioctl({ fd: 'a' }, 'NS_GET_USERNS', { as: 'b', why })])).toEqual({ a: 3, b: 4 })
})

test('what is open at each call', () => {
  const program = [open('a'), sys.close({ fd: 'a' }, why), open('b')]
  const { at } = descriptors(program)
  expect([0, 1, 2].map((index) => [at(index, 'a'), at(index, 'b')])).toEqual([[undefined, undefined], [3, undefined], [undefined, undefined]])
})
