import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { address, flags, IFNAMSIZ, link, types } from './constants.ts'

const needed = ['/usr/bin/gcc', '/usr/include/linux/rtnetlink.h']

test.skipIf(!needed.every(existsSync))('numbers are what the compiler finds in the headers (needs gcc, libc6-dev and linux-libc-dev)', () => {
  const all: Readonly<Record<string, number>> = { ...types, ...flags, ...link, ...address, IFNAMSIZ }
  const enumerators = Object.keys(all).map((name) => `"${name}", (unsigned) ${name}`).map((pair) => `printf("%s %u\\n", ${pair});`)
  const source = ['#include <stdio.h>', '#include <sys/socket.h>', '#include <net/if.h>', ...['netlink', 'rtnetlink', 'if_link', 'if_addr'].map((name) => `#include <linux/${name}.h>`), `int main(void) { ${enumerators.join(' ')} }`].join('\n')
  const program = '/tmp/ctr-netlink-constants-' + process.pid
  execFileSync('gcc', ['-x', 'c', '-', '-o', program], { input: source })
  try {
    const values = Object.fromEntries(execFileSync(program, { encoding: 'utf8' }).trim().split('\n').map((line) => line.split(' ')).map(([name, value]) => [name!, Number(value)]))
    expect(values).toEqual(all)
  } finally {
    execFileSync('rm', ['-f', program])
  }
})
