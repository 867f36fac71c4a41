import { describe, expect, test } from 'vitest'
import { colours } from '../colour.ts'
import { cut, jsonReport, printReport } from './print-report.ts'
import type { Report } from './report.ts'

const step = { index: 6, of: 9, sys: 'pivot_root', args: ['.', '.'], why: 'make the rootfs /', text: 'pivot_root(".", ".")' }
const full: Report = {
  id: 'pivot-not-mount', headline: 'run failed at step 6/9', step, errno: 'EBUSY', causes: [{ text: '/srv/app is a plain directory; pivot_root needs a mount point.', checked: true, probe: 'mountinfo' }],
  fix: ['bind it onto itself first'], from: '--rootfs /srv/app', undone: 5, leftovers: [], exit: 125,
}

describe('for people', () => {
  const text = (report: Report) => printReport(report, colours(false))

  test('the whole of it', () => {
    expect(text(full)).toMatchInlineSnapshot(`
      "✗ run failed at step 6/9  pivot_root(".", ".")                             EBUSY
        /srv/app is a plain directory; pivot_root needs a mount point.       [checked]
        → bind it onto itself first
        from --rootfs /srv/app · steps 1–5 undone · nothing left behind
      "
    `)
  })

  test('one sentence is enough where there is no step', () => {
    expect(text({ id: 'usage', headline: 'unknown flag --memroy', causes: [], fix: ['did you mean --memory?'], exit: 125 })).toBe('✗ unknown flag --memroy\n  → did you mean --memory?\n')
  })

  test('what is left is listed', () => {
    expect(text({ ...full, leftovers: ['/run/ctrun/x'] })).toContain('left behind:\n    /run/ctrun/x\n')
  })

  test('long things keep to 80 columns, and line 1 has no chain of prefixes', () => {
    const long = { ...full, step: { ...step, text: `openat(AT_FDCWD, "/${'x'.repeat(200)}", O_RDONLY)` }, causes: [{ text: 'word '.repeat(60).trim(), checked: false }], fix: ['word '.repeat(40).trim()], from: `-v /${'y'.repeat(200)}:/z` }
    const lines = text(long).trimEnd().split('\n')
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
    expect(lines[0]).not.toMatch(/: .*: .*: /)
  })
})

test('what a name has in it does not reach the terminal', () => {
  const text = printReport({ ...full, headline: 'no \x1b[31mred', from: '-v /a\r\x9b\u202eb:/c' }, colours(false))
  expect(text).toContain('no \\u001b[31mred')
  expect(text).toContain('from -v /a\\u000d\\u009b\\u202eb:/c')
})

test('for programs', () => {
  expect(JSON.parse(jsonReport(full))).toEqual({
    v: 1, exit: 125,
    error: {
      id: 'pivot-not-mount', origin: 'runner', message: 'run failed at step 6/9', step: { index: 6, of: 9, sys: 'pivot_root', args: ['.', '.'], why: 'make the rootfs /', from: '--rootfs /srv/app' },
      errno: 'EBUSY', cause: full.causes[0], fix: ['bind it onto itself first'], leftovers: [],
    },
  })
})

test('cut', () => {
  expect(cut('abcdef', 4)).toBe('abc…')
  expect(cut('abcd', 4)).toBe('abcd')
})
