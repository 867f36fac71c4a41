import { expect, test } from 'vitest'
import { sys, SyscallError } from './index.ts'

const program = [
  sys.openat('AT_FDCWD', '/srv/box', ['O_PATH', 'O_CLOEXEC'], 0, { as: 'root', why: 'the path is looked up once' }),
  sys.fchdir({ fd: 'root' }, 'pivot_root takes paths only'),
  sys.pivot_root('.', '.', 'stack the old root on top of the new one'),
]

test('says what failed, why it was made, where, and what to do', () => {
  const error = new SyscallError(program, 2, 'EBUSY')
  expect(error.message).toBe(`pivot_root(".", "."): EBUSY
  why   stack the old root on top of the new one
  at    syscall 3 of 3
  hint  bind-mount the new root onto itself first: a plain directory is part of the current root mount`)
  expect(error).toMatchObject({ name: 'SyscallError', code: 'EBUSY', errno: -16, syscall: 'pivot_root', path: '.', index: 2, of: 3, call: program[2] })
  expect(error.hint).toMatch(/^bind-mount the new root/)
  expect(error).toBeInstanceOf(Error)
})

test('has no hint and no path where there is none', () => {
  const error = new SyscallError(program, 1, 'EIO')
  expect(error.message).toBe('fchdir(root): EIO\n  why   pivot_root takes paths only\n  at    syscall 2 of 3')
  expect('path' in error).toBe(false)
  expect('hint' in error).toBe(false)
})

test('the path is the first that is one, absolute or not', () => {
  const path = (call: ReturnType<typeof sys.getpid>) => new SyscallError([call], 0, 'ENOENT').path
  expect(path(sys.write(3, './not/a/path', 'x'))).toBeUndefined()
  expect(path(sys.symlinkat('../target', 3, 'link', 'x'))).toBe('link')
  expect(path(sys.mount('proc', '/proc', 'proc', [], null, 'x'))).toBe('/proc')
  expect(path(sys.move_mount(3, '', 4, 'etc/hosts', [], 'x'))).toBe('etc/hosts')
})

test('takes a better hint and a cause', () => {
  const cause = new Error('x')
  const error = new SyscallError(program, 0, 'ENOENT', { hint: '/srv does not exist', cause })
  expect(error.message).toMatch(/\n {2}hint {2}\/srv does not exist$/)
  expect(error.cause).toBe(cause)
  expect(error.path).toBe('/srv/box')
})

test('errnos without a name, values that were not expected, signals', () => {
  expect(new SyscallError(program, 1, 'errno 4000')).toMatchObject({ code: 'errno 4000' })
  expect(new SyscallError(program, 1, 'ESHORT')).toMatchObject({ code: 'ESHORT', errno: 0 })
  expect(new SyscallError(program, 1, 'SIGKILL')).toMatchObject({ code: 'SIGKILL', errno: 0 })
})

test('there must be such a call', () => expect(() => new SyscallError(program, 3, 'EIO')).toThrow(new RangeError('There is no call 3 in a program of 3')))
