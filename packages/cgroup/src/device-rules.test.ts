import { check, explain } from '@ctr/syscall'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deviceCalls } from './device-calls.ts'
import { deviceProgram } from './device-program.ts'
import { bitsOf, deviceAllowed, type DeviceRequest, type DeviceRule } from './device-rules.ts'
import { deviceWrites } from './device-writes.ts'
import { group } from './group.ts'
import type { Layout } from './layout.ts'
import { runEbpf } from '../test/ebpf.ts'

const of = (version: 1 | 2): Layout => ({ mode: version === 1 ? 'v1' : 'v2', hierarchies: [{ version, mountpoint: '/c', root: '/', controllers: version === 1 ? ['devices'] : [], own: '/', readOnly: false }], own: {}, disabled: [] })
const kernel = (rules: readonly DeviceRule[], { type, major, minor, access }: DeviceRequest) => runEbpf(deviceProgram(rules), { access_type: (type === 'b' ? 1 : 2) | (bitsOf(access) << 16), major, minor }) === 1

/** What OCI runtimes give a container: nothing, then a few. */
const usual: DeviceRule[] = [
  { allow: false, type: 'a' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  { allow: true, type: 'c', major: 1, minor: 3 },
  { allow: true, type: 'c', major: 136, access: 'rw' },
]

// Few numbers, so that rules meet.
const number = fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined })
const access = fc.constantFrom('r', 'w', 'm', 'rw', 'wm', 'rm', 'rwm')
const anyRule = fc.record({ allow: fc.boolean(), type: fc.constantFrom('a' as const, 'b' as const, 'c' as const), major: number, minor: number, access: fc.option(access, { nil: undefined }) }) as fc.Arbitrary<DeviceRule>
const anyRules = fc.array(anyRule, { maxLength: 8 })
const anyRequest: fc.Arbitrary<DeviceRequest> = fc.record({ type: fc.constantFrom('b' as const, 'c' as const), major: fc.integer({ min: 0, max: 3 }), minor: fc.integer({ min: 0, max: 3 }), access })

describe('device rules', () => {
  test.each<[string, DeviceRequest, boolean]>([
    ['/dev/null', { type: 'c', major: 1, minor: 3, access: 'rw' }, true],
    ['a terminal', { type: 'c', major: 136, minor: 7, access: 'rw' }, true],
    ['/dev/mem', { type: 'c', major: 1, minor: 1, access: 'r' }, false],
    ['a node of any kind may be made', { type: 'b', major: 8, minor: 0, access: 'm' }, true],
    ['but not used', { type: 'b', major: 8, minor: 0, access: 'r' }, false],
    ['made and used at once', { type: 'c', major: 5, minor: 0, access: 'wm' }, false],
  ])('%s', (_, request, expected) => {
    expect([deviceAllowed(usual, request), kernel(usual, request)]).toEqual([expected, expected])
  })

  test('no rule allows nothing; a rule without numbers allows all', () => {
    const request = { type: 'c', major: 1, minor: 3, access: 'r' } as const
    expect([kernel([], request), kernel([{ allow: true, type: 'a' }], request)]).toEqual([false, true])
  })

  test('a refusal of one kind of access refuses whoever asks for it with others', () => {
    const rules: DeviceRule[] = [{ allow: true, type: 'a' }, { allow: false, type: 'c', major: 1, minor: 3, access: 'w' }]
    const asked = (access: string) => kernel(rules, { type: 'c', major: 1, minor: 3, access })
    expect([asked('r'), asked('w'), asked('rw')]).toEqual([true, false, false])
  })

  test('the program decides as the rules say, for any rules and any request', () => {
    fc.assert(fc.property(anyRules, anyRequest, (rules, request) => { expect(kernel(rules, request)).toBe(deviceAllowed(rules, request)) }), { numRuns: 2000 })
  })

  test('v1 files say the same, or refuse to', () => {
    // What the kernel makes of the writes: security/device_cgroup.c keeps a default and exceptions to it.
    const v1 = (rules: readonly DeviceRule[], request: DeviceRequest) => {
      const [first, ...exceptions] = deviceWrites(rules)
      const allowed = first!.file === 'devices.allow'
      const matching = exceptions.map(({ file, value }) => {
        expect(file).toBe(allowed ? 'devices.deny' : 'devices.allow')
        const [, type, major, minor, access] = /^([bc]) (\d+|\*):(\d+|\*) ([rwm]+)$/.exec(value)!
        return { fits: type === request.type && [[major, request.major], [minor, request.minor]].every(([is, want]) => is === '*' || Number(is) === want), access: access! }
      }).filter(({ fits }) => fits)
      const covered = [...request.access].map((letter) => matching.some(({ access }) => access.includes(letter)))
      return allowed ? !covered.some(Boolean) : covered.every(Boolean)
    }
    let said = 0
    fc.assert(fc.property(anyRules, anyRequest, (rules, request) => {
      try {
        deviceWrites(rules)
      } catch (error) {
        expect((error as Error).message).toContain('makes a hole in an earlier and wider one')
        return
      }
      said++
      expect(v1(rules, request)).toBe(deviceAllowed(rules, request))
    }), { numRuns: 2000 })
    expect(said).toBeGreaterThan(500)
  })

  test('v1 writes', () => {
    expect(deviceWrites(usual).map(({ file, value }) => `${file} ${value}`)).toEqual(['devices.deny a', 'devices.allow c *:* m', 'devices.allow b *:* m', 'devices.allow c 1:3 rwm', 'devices.allow c 136:* rw'])
    expect(() => deviceWrites([...usual, { allow: false, type: 'c', major: 10, minor: 229, access: 'm' }])).toThrow(TypeError)
  })

  test.each<[object, string]>([
    [{ allow: 'yes', type: 'c' }, 'allow is neither true nor false'],
    [{ allow: true, type: 'u' }, "type is not 'a', 'b' or 'c'"],
    [{ allow: true, type: 'c', major: -1 }, 'major is not a whole number from 0 to 4095'],
    [{ allow: true, type: 'c', minor: 2 ** 20 }, 'minor is not a whole number from 0 to 1048575'],
    [{ allow: true, type: 'c', access: 'rx' }, 'access is not made of r, w and m'],
    [{ allow: true, type: 'c', access: 'rr' }, 'access is not made of r, w and m'],
    [{ allow: true, type: 'c', access: '' }, 'access is not made of r, w and m'],
  ])('refuses %j', (rule, why) => {
    expect(() => deviceProgram([rule as DeviceRule])).toThrow(`Cannot use device rule ${JSON.stringify(rule)}: ${why}`)
  })
})

describe('deviceCalls', () => {
  test('are a program that check accepts, with the reason for each', () => {
    const calls = deviceCalls(group(of(2), '/a'), [{ allow: true, type: 'c', major: 1, minor: 3, access: 'rw' }])
    expect(check(calls)).toEqual([])
    expect(explain(calls, { why: false }).slice(1)).toEqual([
      expect.stringMatching(/^openat\(AT_FDCWD, "\/c\/a", O_RDONLY\|O_CLOEXEC\|O_DIRECTORY|^openat\(AT_FDCWD, "\/c\/a", O_RDONLY/),
      expect.stringMatching(/^bpf\(BPF_PROG_ATTACH, \{target_fd=.*, attach_bpf_fd=.*, attach_type=BPF_CGROUP_DEVICE, attach_flags=BPF_F_ALLOW_MULTI, replace_bpf_fd=0\}, 20\)/),
      expect.stringMatching(/^close/),
      expect.stringMatching(/^close/),
    ])
    expect(check(deviceCalls(group(of(2), '/a'), usual, { replace: 'old' }), { old: 9 })).toEqual([])
  })

  test('need a v2 hierarchy', () => {
    expect(() => deviceCalls(group(of(1), '/a'), [])).toThrow(expect.objectContaining({ code: 'ENOENT', hint: 'it lives neither in a v2 hierarchy nor in one with the devices controller' }))
  })
})
