import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCount, parseFlatKeyed, parseLimit } from './flat-keyed.ts'
import { detect } from './layout.ts'
import { parseCgroupMounts } from './mountinfo.ts'
import { parseProcCgroup } from './proc-cgroup.ts'

const word = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom(':', '::/', '0', '/a', ' - cgroup2 cgroup2 rw', '\\040', '\\', '\n', '\0', 'cpu,memory', '30 23 0:26 / /sys/fs/cgroup rw shared:4', '/..', 'max', '9'.repeat(25), '-1', '__proto__ 5'))
const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''))

test('/proc/PID/cgroup: memberships or a SyntaxError with line and text', () => {
  fc.assert(fc.property(text, (content) => {
    try {
      for (const { hierarchy, path } of parseProcCgroup(content)) expect([Number.isInteger(hierarchy), path.startsWith('/')]).toEqual([true, true])
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError)
      expect((error as Error).message).toMatch(/^\/proc\/PID\/cgroup line \d+: not ID:CONTROLLERS:PATH: "/)
    }
  }), { numRuns: 500 })
})

test('mountinfo: every line that is none of cgroup is skipped, whatever it is', () => {
  fc.assert(fc.property(text, (content) => {
    for (const { version, mountpoint } of parseCgroupMounts(content)) expect([[1, 2].includes(version), typeof mountpoint]).toEqual([true, 'string'])
  }), { numRuns: 500 })
})

test('a path with any characters comes back from how the kernel escapes it', () => {
  const octal = (path: string) => path.replace(/[ \t\n\\]/g, (each) => `\\${each.charCodeAt(0).toString(8).padStart(3, '0')}`)
  fc.assert(fc.property(fc.string({ minLength: 1 }).filter((name) => !/[\0/]/.test(name)), (name) => {
    expect(parseCgroupMounts(`30 23 0:26 / ${octal(`/${name}`)} rw - cgroup2 cgroup2 rw\n`)[0]!.mountpoint).toBe(`/${name}`)
  }))
})

test('a layout, or an error that says what is wrong', () => {
  fc.assert(fc.property(text, text, text, (mountinfo, self, controllers) => {
    try {
      expect(JSON.parse(JSON.stringify(detect({ mountinfo, self, controllers, unified: controllers })))).toHaveProperty('mode')
    } catch (error) {
      expect([SyntaxError, RangeError].some((kind) => error instanceof kind)).toBe(true)
    }
  }), { numRuns: 500 })
})

test('numbers are numbers, nothing else is one', () => {
  fc.assert(fc.property(text, (content) => {
    for (const value of Object.values(parseFlatKeyed(content))) expect(Number.isFinite(value)).toBe(true)
    for (const value of [parseLimit(content), parseCount(content)]) if (value !== undefined && value !== null) expect(Number.isFinite(value)).toBe(true)
  }), { numRuns: 500 })
  expect([parseCount('12\n'), parseCount('x'), parseCount(''), parseLimit('x'), parseLimit('max\n'), parseLimit('7')]).toEqual([12, undefined, undefined, undefined, null, 7])
})
