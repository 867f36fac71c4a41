import { check, explain } from '@ctr/syscall'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { target } from './index.ts'
import { isBeside } from './target.ts'

const root = { fd: 'root' }
const lines = (program: ReturnType<typeof target>) => explain(program, { why: false, open: { root: 3 } })

test('an existing target is one look-up, inside the root', () => {
  const program = target({ root, path: '/var/lib//x/', kind: 'directory', as: 't' })
  expect(lines(program)).toEqual(['openat2(3<root>, "var/lib/x", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)'])
  // while others rename, the kernel asks for another try (openat2(2), EAGAIN)
  expect(program[0]!.retry).toEqual(['EAGAIN'])
})

test('what is missing is made in the descriptor of its parent', () => {
  expect(lines(target({ root, path: 'a/b/f', kind: 'file', create: true, as: 't' }))).toEqual([
    'mkdirat(3<root>, "a", 0755)',
    'openat2(3<root>, "a", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'mkdirat(4<parent>, "b", 0755)',
    'close(4<parent>)',
    'openat2(3<root>, "a/b", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'mknodat(4<parent>, "f", S_IFREG|0644)',
    'close(4<parent>)',
    'openat2(3<root>, "a/b/f", {flags=O_RDONLY|O_CLOEXEC|O_PATH, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
  ])
})

test('of two in one directory, that is looked up once', () => {
  const one = target({ root, path: '/a/one', kind: 'directory', create: true, keepParent: true, as: 't' })
  const two = target({ root, path: '/a/two', kind: 'file', create: true, hasParent: true, as: 'u' })
  expect(lines([...one, ...two])).toEqual([
    'mkdirat(3<root>, "a", 0755)',
    'openat2(3<root>, "a", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'mkdirat(4<parent>, "one", 0755)',
    'openat2(3<root>, "a/one", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
    'mknodat(4<parent>, "two", S_IFREG|0644)',
    'close(4<parent>)',
    'openat2(3<root>, "a/two", {flags=O_RDONLY|O_CLOEXEC|O_PATH, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)',
  ])
})

test.each([['/a/b/c', '/a/b/d', true], ['a/b', 'a/b', true], ['/a', '/b', false], ['/a', '/a/b', false], ['/a/b', '/a/b/c', false], ['/a/b/c', '/a/d', false], ['/a/b/', '/a/c', false], ['/a/b', '/a/..', false], ['/a/../b', '/a/../c', false], ['/ab/c', '/a/c', false], ['//b', '//c', false]])('%j and %j are in one directory, as they are written: %j', (path, other, are) => {
  expect(isBeside(path, other)).toBe(are)
})

test.each(['/', '', '.', '/./'])('%j is the root itself', (path) => {
  expect(() => target({ root, path, kind: 'directory', as: 't' })).toThrow('it is the root itself')
})

test('whatever the path: nothing is made by a path of more than one part, and one descriptor is left', () => {
  const part = fc.oneof(fc.constant('..'), fc.string({ minLength: 1 }).filter((text) => !/[\0/]/.test(text)))
  fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), fc.constantFrom('file' as const, 'directory' as const), fc.boolean(), (parts, kind, create) => {
    if (parts.every((each) => each === '.')) return
    const program = target({ root, path: parts.join('/'), kind, create, as: 't' })
    for (const call of program) {
      if (call.name === 'mkdirat' || call.name === 'mknodat') expect(call.args[1]).not.toContain('/')
      if (call.name === 'openat2') expect(call.args[0]).toEqual(root)
    }
    expect(check(program, { root: 3 })).toEqual([])
    expect(explain([...program], { open: { root: 3 } }).length).toBe(program.length)
    expect(program.filter((call) => call.name === 'openat2').length - program.filter((call) => call.name === 'close').length).toBe(1)
  }))
})
