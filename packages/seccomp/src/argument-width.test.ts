import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { narrowArguments, widthsOf } from './argument-width.ts'
import { compile, decide, reduceMoby, run, type Profile } from './index.ts'
import { architectures, numberOf } from './architecture.ts'

const native = architectures.SCMP_ARCH_X86_64
const asked = (profile: Profile, call: string, args: readonly bigint[]) => {
  const { returned } = run(compile(profile, { machine: 'x64' }).instructions, { number: numberOf(call, native)!, architecture: native.token, args })
  expect(decide(profile, { call, args }, { machine: 'x64' }).returned).toBe(returned)
  return returned
}

test('a forbidden ioctl stays forbidden with a bit above the 32 that the kernel reads', () => {
  const profile: Profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['ioctl'], action: 'SCMP_ACT_ERRNO', args: [{ index: 1, op: 'SCMP_CMP_EQ', value: 0x5412 }] }] }
  for (const request of [0x5412n, 0x100005412n, 0xffffffff00005412n]) expect(asked(profile, 'ioctl', [0n, request])).toBe(0x50001)
  expect(asked(profile, 'ioctl', [0n, 0x5413n])).toBe(0x7fff0000)
})

test('an argument of 64 bits is compared whole', () => {
  const profile: Profile = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['lseek', 'ioctl'], action: 'SCMP_ACT_ERRNO', args: [{ index: 2, op: 'SCMP_CMP_EQ', value: 0x100000001n }] }] }
  for (const call of ['lseek', 'ioctl']) expect([asked(profile, call, [0n, 0n, 0x100000001n]), asked(profile, call, [0n, 0n, 1n])]).toEqual([0x50001, 0x7fff0000])
})

test('every argument of x86, x32 and arm has 32 bits, whatever the call', () => {
  for (const { bits, name } of Object.values(architectures)) expect(widthsOf(0, architectures[name])(2)).toBe(bits)
  expect([0, 1, 2].map(widthsOf(numberOf('ioctl', native)!, native))).toEqual([64, 32, 64])
  for (const name of Object.keys(narrowArguments)) expect([name, numberOf(name, native)]).not.toContain(undefined)
})

const docker = new URL('../../../../shared/vectors/moby-seccomp/files/seccomp/default.json', import.meta.url)

test.skipIf(!existsSync(docker))("Docker's profile keeps AF_ALG and AF_VSOCK out in every form (needs ../shared/vectors)", () => {
  const profile = reduceMoby(JSON.parse(readFileSync(docker, 'utf8')), { capabilities: [], machine: 'x64', kernel: '6.1' })
  for (const family of [38n, 40n, 0x100000026n, 0x100000028n, 0xffffffff00000028n]) expect([family, asked(profile, 'socket', [family, 5n, 0n])]).toEqual([family, 0x50001])
  for (const family of [1n, 2n, 10n, 39n, 41n, 0x100000002n]) expect([family, asked(profile, 'socket', [family, 1n, 0n])]).toEqual([family, 0x7fff0000])
})
