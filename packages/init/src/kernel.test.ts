import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { minus, value } from './kernel.ts'

const headers = '/usr/include'
const define = (file: string, name: string): number => {
  const match = new RegExp(`^\\s*#\\s*define\\s+${name}\\s+(0x[0-9a-fA-F]+|-?\\d+)`, 'm').exec(readFileSync(`${headers}/${file}`, 'utf8'))
  if (!match) throw new Error(`${file} does not define ${name}`)
  return Number(match[1])
}

const missing = existsSync(`${headers}/asm-generic/siginfo.h`) ? false : 'needs the kernel headers (linux-libc-dev)'
describe.skipIf(missing)(`constants, as the headers define them${missing ? `: ${missing}` : ''}`, () => {
  test.each([
    ['AT_FDCWD', 'linux/fcntl.h'],
    ['TIOCGPGRP', 'asm-generic/ioctls.h'],
    ['TIOCSPGRP', 'asm-generic/ioctls.h'],
    ['CLD_EXITED', 'asm-generic/siginfo.h'],
    ['SA_NOCLDSTOP', 'asm-generic/signal-defs.h'],
  ] as const)('%s', (name, file) => {
    expect(value(name)).toBe(define(file, name))
  })
})

test('flags are joined, and errors are what a call returns', () => {
  expect(value('WEXITED', 'WNOHANG')).toBe(5)
  expect(minus('ECHILD')).toBe(-10)
})
