import { describe, expect, test } from 'vitest'
import { initElf } from './init.ts'
import type { InitOptions } from './options.ts'

const everything: InitOptions = { group: true, subreaper: true, rewrite: { SIGTERM: 'SIGQUIT' }, graceSeconds: 10 }

describe.each(['x64', 'arm64'] as const)('%s', (machine) => {
  test('is under 8 KiB, whatever the options', () => {
    for (const options of [{}, { setsid: false }, everything]) expect(initElf({ machine, ...options }).length).toBeLessThan(8192)
  })

  test('without options it is under 3000 bytes', () => {
    expect(initElf({ machine }).length).toBeLessThan(3000)
  })

  test('the same options give the same bytes', () => {
    expect(initElf({ machine, ...everything })).toEqual(initElf({ machine, ...everything }))
  })

  test('every option changes the code', () => {
    const images = [{}, { group: true }, { setsid: false }, { subreaper: true }, { rewrite: { SIGTERM: null } }, { graceSeconds: 1 }]
    const texts = images.map((options) => Buffer.from(initElf({ machine, ...options })).toString('latin1'))
    expect(new Set(texts).size).toBe(images.length)
  })

  test('a static executable without a writable segment of its own', () => {
    const image = new DataView(initElf({ machine }).buffer)
    expect(image.getUint16(16, true)).toBe(2) // ET_EXEC
    expect(image.getUint16(56, true)).toBe(2) // code and GNU_STACK
  })
})

describe('refuses', () => {
  const cases: [InitOptions, typeof TypeError, string][] = [
    [{ machine: 'ppc64' as never }, TypeError, 'Cannot assemble for machine "ppc64"'],
    [{ group: 1 as never }, TypeError, 'Cannot set group to 1'],
    [{ setsid: 'no' as never }, TypeError, 'Cannot set setsid to no'],
    [{ graceSeconds: -1 }, RangeError, 'Cannot wait -1 seconds before SIGKILL'],
    [{ graceSeconds: 0.5 }, RangeError, 'Cannot wait 0.5 seconds before SIGKILL'],
    [{ rewrite: { SIGFOO: 'SIGTERM' } as never }, TypeError, 'Cannot rewrite signal "SIGFOO"'],
    [{ rewrite: { SIGTERM: 'toString' } as never }, TypeError, 'Cannot rewrite signal "toString"'],
    [{ rewrite: { SIGCHLD: 'SIGTERM' } }, TypeError, 'Cannot rewrite SIGCHLD: init never forwards it'],
  ]
  test.each(cases)('%o', (options, type, message) => {
    expect(() => initElf(options)).toThrow(type)
    expect(() => initElf(options)).toThrow(message)
  })
})
