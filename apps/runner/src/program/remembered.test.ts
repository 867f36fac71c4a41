import { expect, test } from 'vitest'
import { sys } from '@ctr/syscall'
import { remembered } from './remembered.ts'

test('the same arguments give the same program, others another', () => {
  let made = 0
  const hostname = remembered((name: string) => { made++; return [sys.sethostname(name, 'it has one')] })
  expect(hostname('a')).toBe(hostname('a'))
  expect(hostname('b')).not.toBe(hostname('a'))
  expect(hostname('b')[0]!.args).toEqual(['b'])
  expect(made).toBe(2)
})

test('what is shared cannot be changed', () => {
  const mount = remembered(() => [sys.umount2('/', ['MNT_DETACH'], 'it is in the way')])
  const [call] = mount()
  expect(() => (call!.args[1] as string[]).push('MNT_FORCE')).toThrow(TypeError)
  expect(() => Object.assign(call!, { why: 'x' })).toThrow(TypeError)
})

test('it does not grow without end', () => {
  const hostname = remembered((name: string) => [sys.sethostname(name, 'it has one')])
  const first = hostname('0')
  for (let i = 1; i <= 100; i++) hostname(String(i))
  expect(hostname('0')).not.toBe(first)
})
