import { expect, test } from 'vitest'
import { abi, errnoTable, hint, hints } from './index.ts'

test.each([...hints])('%s: names a call and an errno, and has a source', (key, { text, source }) => {
  const [call, code, ...more] = key.split(' ')
  expect(Object.keys(abi)).toContain(call)
  expect(Object.keys(errnoTable)).toContain(code)
  expect(more).toEqual([])
  expect(source).toMatch(/\(\d\)|\.rst|\.[ch]\b/)
  // One clause, as a continuation of "hint".
  expect(text).toMatch(/^[a-zC#].*[^.]$/)
})

test('a call that has none gets none', () => {
  expect(hint({ name: 'getpid' }, 'EPERM')).toBeUndefined()
  expect(hint({ name: 'pivot_root' }, 'EBUSY')?.source).toBe('pivot_root(2), EBUSY')
  expect(hint({ name: 'pivot_root' }, 'toString')).toBeUndefined()
})
