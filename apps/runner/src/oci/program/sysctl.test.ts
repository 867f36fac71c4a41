import { explain } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { sysctls } from './sysctl.ts'

const parameters = new Map([['net.ipv4.ip_forward', '1']])

// No race gets at the first of the two defences while the second holds: the proc that is written to is mounted nowhere (CVE-2025-52881).
test('a parameter is found below a proc that is nowhere, without links and other mounts', () => {
  const calls = explain(sysctls(parameters, { opened: false }), { why: false })
  expect(calls.filter((call) => call.startsWith('openat2'))).toEqual([expect.stringMatching(/^openat2\(\d+<private proc>, "sys\/net\/ipv4\/ip_forward", \{flags=O_WRONLY\|O_CLOEXEC, resolve=RESOLVE_NO_XDEV\|RESOLVE_NO_MAGICLINKS\|RESOLVE_NO_SYMLINKS\|RESOLVE_BENEATH\}/)])
  expect(calls.filter((call) => call.startsWith('write'))).toEqual([expect.stringMatching(/"1", 1\)$/)])
  expect(calls[0]).toMatch(/^fsopen\("proc"/)
  expect(calls.some((call) => call.startsWith('move_mount'))).toBe(false)
})

test('where the host\'s is open, none is mounted; without parameters nothing is done', () => {
  expect(sysctls(parameters, { opened: true }).map(({ name }) => name)).toEqual(['openat2', 'write', 'close', 'close'])
  expect(sysctls(new Map(), { opened: false })).toEqual([])
})
