import { expect, test } from 'vitest'
import { explain } from '@ctr/syscall'
import { rlimits } from './rlimits.ts'

test('one value is both limits', () => {
  expect(explain(rlimits({ RLIMIT_CORE: 0, RLIMIT_NOFILE: [64, 'RLIM64_INFINITY'], RLIMIT_AS: 'RLIM64_INFINITY' }), { why: false })).toEqual([
    'prlimit64(0, RLIMIT_CORE, {rlim_cur=0, rlim_max=0}, NULL)',
    'prlimit64(0, RLIMIT_NOFILE, {rlim_cur=64, rlim_max=RLIM64_INFINITY}, NULL)',
    'prlimit64(0, RLIMIT_AS, {rlim_cur=RLIM64_INFINITY, rlim_max=RLIM64_INFINITY}, NULL)',
  ])
})

test('none is none', () => expect(rlimits({})).toEqual([]))

test.each([[2, 1], ['RLIM64_INFINITY', 1]] as const)('a soft limit of %s above a hard one of %s is refused', (soft, hard) => {
  expect(() => rlimits({ RLIMIT_CPU: [soft, hard] })).toThrow(`Cannot limit RLIMIT_CPU to ${soft}: it is above the hard limit, 1`)
})

test('a limit that is none is refused', () => {
  expect(() => rlimits({ RLIMIT_CPU: -1 })).toThrow(RangeError)
  expect(() => rlimits({ RLIMIT_NONE: 1 } as {})).toThrow(TypeError)
})
