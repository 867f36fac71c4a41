import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { architectures } from '../src/index.ts'
import { multiplexed } from '../src/multiplexed.ts'

const bookworm = ['/usr/include/x86_64-linux-gnu/asm/unistd_x32.h', '/usr/aarch64-linux-gnu/include/asm-generic/unistd.h', '/usr/arm-linux-gnueabihf/include/asm/unistd-eabi.h']
const installed = existsSync('/usr/lib/linux/uapi/arm/asm/unistd-eabi.h') || bookworm.every(existsSync)

test.skipIf(!installed)("all numbers are what the kernel's headers say (needs linux-libc-dev, -arm64-cross and -armhf-cross)", () => {
  const { status, stderr } = spawnSync(process.execPath, [new URL('../scripts/generate.mjs', import.meta.url).pathname, '--check'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

const header = (name: string) => new Map([...readFileSync(`/usr/include/linux/${name}`, 'utf8').matchAll(/^\s*#\s*define\s+(\w+)\s+(\S.*?)\s*(?:\/\*.*)?$/gm)].map(([, macro, value]) => [macro!, value!]))

test.skipIf(!existsSync('/usr/include/linux/audit.h'))('the tokens are those of linux/audit.h', () => {
  const [audit, elf] = [header('audit.h'), header('elf-em.h')]
  const value = (text: string): number => text.replace(/[()]/g, '').split('|').reduce((sum, part) => (sum | Number(audit.get(part) ?? elf.get(part) ?? part)) >>> 0, 0)
  const names = { SCMP_ARCH_X86_64: 'X86_64', SCMP_ARCH_X86: 'I386', SCMP_ARCH_X32: 'X86_64', SCMP_ARCH_AARCH64: 'AARCH64', SCMP_ARCH_ARM: 'ARM' } as const
  for (const { name, token } of Object.values(architectures)) expect([name, token]).toEqual([name, value(audit.get(`AUDIT_ARCH_${names[name]}`)!)])
})

test.skipIf(!existsSync('/usr/include/linux/net.h'))('the calls of socketcall and ipc are those of linux/net.h and linux/ipc.h', () => {
  const [net, ipc] = [header('net.h'), header('ipc.h')]
  for (const [name, value] of Object.entries(multiplexed.socketcall)) expect([name, net.get(`SYS_${name.toUpperCase()}`)]).toEqual([name, String(value)])
  for (const [name, value] of Object.entries(multiplexed.ipc)) expect([name, ipc.get(name.toUpperCase())]).toEqual([name, String(value)])
})
