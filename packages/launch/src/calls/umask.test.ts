import { expect, test } from 'vitest'
import { explain } from '@ctr/syscall'
import { umask } from './umask.ts'

test('a mask', () => expect(explain(umask(0o27), { why: false })).toEqual(['umask(027)']))

test.each([-1, 0o1000, 0.5])('%f is none', (mask) => expect(() => umask(mask)).toThrow(RangeError))
