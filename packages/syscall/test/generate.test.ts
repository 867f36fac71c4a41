import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'

const headers = ['/usr/include/linux/openat2.h', '/usr/include/x86_64-linux-gnu/asm/unistd_64.h', '/usr/aarch64-linux-gnu/include/asm/unistd.h', '/usr/include/unistd.h']

test.skipIf(!headers.every(existsSync))("numbers, constants and errnos are what the kernel's headers say (needs linux-libc-dev, linux-libc-dev-arm64-cross, libc6-dev on x86-64)", () => {
  const { status, stderr } = spawnSync(process.execPath, [new URL('../scripts/generate.mjs', import.meta.url).pathname, '--check'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
