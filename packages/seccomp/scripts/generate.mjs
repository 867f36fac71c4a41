#!/usr/bin/env node
/**
 * Writes src/syscall-numbers.ts from the kernel's headers, so that no number is typed from memory.
 *
 *   generate.mjs [DIRECTORY]   DIRECTORY holds x86/asm, arm64/asm and arm/asm: what linux-libc-dev installs in /usr/lib/linux/uapi
 *                              since Debian 13; without it, that directory
 *   generate.mjs --check       compares with the headers that are installed, which may be older: what they say must be in the table, and
 *                              whatever else is in it must have a number above all of theirs
 *
 * Debian 12 has the headers elsewhere, in linux-libc-dev, linux-libc-dev-arm64-cross and linux-libc-dev-armhf-cross.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const output = fileURLToPath(new URL('../src/syscall-numbers.ts', import.meta.url))
const columns = ['x86_64', 'x86', 'x32', 'arm64', 'arm']
const uapi = (directory) => ({
  x86_64: [`${directory}/x86/asm/unistd_64.h`], x86: [`${directory}/x86/asm/unistd_32.h`], x32: [`${directory}/x86/asm/unistd_x32.h`],
  arm64: [`${directory}/arm64/asm/unistd_64.h`], arm: [`${directory}/arm/asm/unistd-eabi.h`, `${directory}/arm/asm/unistd.h`],
})
const debian12 = {
  x86_64: ['/usr/include/x86_64-linux-gnu/asm/unistd_64.h'], x86: ['/usr/include/x86_64-linux-gnu/asm/unistd_32.h'], x32: ['/usr/include/x86_64-linux-gnu/asm/unistd_x32.h'],
  arm64: ['/usr/aarch64-linux-gnu/include/asm/unistd.h', '/usr/aarch64-linux-gnu/include/asm-generic/unistd.h'],
  arm: ['/usr/arm-linux-gnueabihf/include/asm/unistd-eabi.h', '/usr/arm-linux-gnueabihf/include/asm/unistd.h'],
}
/** What a compiler defines, or another header that these include. */
const predefined = { __BITS_PER_LONG: '64', __ARM_EABI__: '1', __X32_SYSCALL_BIT: '0x40000000' }
// Below the highest number of older headers all the same: numbers that x86-64 had skipped (arch/x86/entry/syscalls/syscall_64.tbl, Linux 6.11 and 6.18).
const lateInHoles = new Set(['uretprobe', 'uprobe'])
// Limits and bases, not calls.
const notCalls = new Set(['syscalls', 'SYSCALL_BASE', 'OABI_SYSCALL_BASE', 'SYSCALL_MASK', 'BASE', 'arch_specific_syscall'])

/** The macros that are defined once the files have been read, as far as `#if`, `defined`, comparisons and `#define NAME VALUE` go. */
function definitions(files) {
  const macros = new Map(Object.entries(predefined))
  const holds = (condition) => {
    const expression = condition.replace(/defined\s*\(?\s*(\w+)\s*\)?/g, (_, name) => (macros.has(name) ? '1' : '0')).replace(/\b[A-Za-z_]\w*\b/g, (name) => macros.get(name) ?? '0')
    if (!/^[\s\dx()!&|=<>]*$/.test(expression)) throw new Error(`cannot evaluate #if ${condition}`)
    return Boolean(Function(`"use strict"; return (${expression})`)())
  }
  for (const file of files) {
    const taken = []
    for (const line of readFileSync(file, 'utf8').replace(/\\\n/g, ' ').replace(/\/\*[\s\S]*?\*\//g, ' ').split('\n')) {
      const [, directive, rest = ''] = /^\s*#\s*(\w+)\s*(.*?)\s*$/.exec(line) ?? []
      if (directive === 'if') taken.push(holds(rest))
      else if (directive === 'ifdef') taken.push(macros.has(rest))
      else if (directive === 'ifndef') taken.push(!macros.has(rest))
      else if (directive === 'else') taken.push(!taken.pop())
      else if (directive === 'endif') taken.pop()
      else if (directive === 'elif') throw new Error(`${file} has an #elif`)
      else if (directive === 'define' && taken.every(Boolean)) {
        const [, name, value] = /^(\w+)(?:\s+(.+))?$/.exec(rest) ?? []
        if (name !== undefined) macros.set(name, value ?? '')
      } else if (directive === 'undef' && taken.every(Boolean)) macros.delete(rest)
    }
  }
  return macros
}

function value(macros, expression) {
  const text = expression.replace(/[()]/g, ' ').trim()
  return text.split('+').map((term) => term.trim()).reduce((sum, term) => sum + (/^(0x[\da-f]+|\d+)$/i.test(term) ? Number(term) : value(macros, macros.get(term) ?? 'undefined')), 0)
}

function numbersOf(files) {
  const macros = definitions(files)
  if (!macros.has('__NR_SYSCALL_BASE')) macros.set('__NR_SYSCALL_BASE', '0')
  const found = new Map()
  for (const [macro, expression] of macros) {
    const name = /^__(?:ARM_)?NR_(\w+)$/.exec(macro)?.[1]
    if (name !== undefined && !notCalls.has(name)) found.set(name, value(macros, expression))
  }
  return found
}

const read = (places) => new Map(columns.map((column) => [column, numbersOf(places[column])]))

if (process.argv[2] === '--check') {
  const places = existsSync('/usr/lib/linux/uapi/x86/asm/unistd_64.h') ? uapi('/usr/lib/linux/uapi') : debian12
  const rows = [...readFileSync(output, 'utf8').matchAll(/^  (\w+): \[([-\d, ]+)\],$/gm)].map(([, name, numbers]) => [name, numbers.split(', ').map(Number)])
  const syscallNumbers = Object.fromEntries(rows)
  let wrong = 0
  for (const [column, numbers] of read(places)) {
    const index = columns.indexOf(column)
    // arm's own calls and those that only x32 has stand above the common ones.
    const highest = Math.max(...[...numbers.values()].filter((number) => (number & ~0x40000000) < 512))
    const complain = (text) => { console.error(`${column}: ${text}`); wrong++ }
    for (const [name, number] of numbers) if (syscallNumbers[name]?.[index] !== number) complain(`${name} is ${number}, not ${syscallNumbers[name]?.[index]}`)
    for (const [name, row] of Object.entries(syscallNumbers)) {
      if (row[index] !== -1 && !numbers.has(name) && !lateInHoles.has(name) && row[index] <= highest) complain(`${name} is ${row[index]}, which the headers do not have`)
    }
  }
  process.exitCode = wrong > 0 ? 1 : 0
} else {
  const table = read(uapi(process.argv[2] ?? '/usr/lib/linux/uapi'))
  const names = [...new Set([...table.values()].flatMap((numbers) => [...numbers.keys()]))].sort()
  const rows = names.map((name) => `  ${name}: [${columns.map((column) => table.get(column).get(name) ?? -1).join(', ')}],`)
  writeFileSync(output, `// generated by scripts/generate.mjs from asm/unistd_64.h, unistd_32.h, unistd_x32.h (x86), unistd_64.h (arm64), unistd-eabi.h and unistd.h (arm)

/** System call numbers as a filter sees them: [x86-64, x86, x32, arm64, arm], -1 where the architecture has no such call. */
export const syscallNumbers: Readonly<Record<string, readonly [x86_64: number, x86: number, x32: number, arm64: number, arm: number]>> = {
${rows.join('\n')}
}
`)
}
