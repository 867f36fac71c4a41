import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { dev, directoryRoot, privatePropagation, proc, sysfs } from './index.ts'

const root = { fd: 'root' }
const places = { proc, sys: sysfs, dev }
const links: Record<string, (host: string) => string> = {
  absolute: (host) => host, 'to the root': () => '/', 'through ..': (host) => `../../../../../..${host}`, 'to a place inside': () => 'inside', dangling: () => '/not/there', loop: () => 'proc',
}

// T-PROC1 and T-DEV1: runc 1.1.5 replaced ptmx on the host and added fd and stdin beside it (CVE-2026-41579).
for (const [name, mountOn] of Object.entries(places)) for (const [how, to] of Object.entries(links))
  test(`ELOOP: /${name} is a link ${how}`, async () => {
    const { root: directory, host } = scratch()
    writeFileSync(join(host, 'ptmx'), 'mine')
    mkdirSync(join(directory, 'inside'))
    symlinkSync(to(host), join(directory, name))
    const before = snapshot(host)
    const error = await shell([...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...mountOn({ root })], 'true').catch((each: unknown) => each)
    expect(error).toMatchObject({ code: 'ELOOP', syscall: 'openat2' })
    expect((error as Error).message).toContain('the path has a symbolic link in it')
    expect(snapshot(host)).toEqual(before)
    expect(readdirSync(join(directory, 'inside'))).toEqual([])
  })

test('ENOTDIR: /proc is a file', async () => {
  const { root: directory } = scratch()
  writeFileSync(join(directory, 'proc'), '')
  await expect(shell([...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...proc({ root })], 'true')).rejects.toMatchObject({ code: 'ENOTDIR', syscall: 'openat2' })
})

test('the failure leaves no directory but the one that was missing', async () => {
  const { root: directory } = scratch()
  await shell([...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...proc({ root }), ...sysfs({ root }), ...dev({ root })], 'true')
  expect(readdirSync(directory).sort()).toEqual(['dev', 'proc', 'sys'])
  for (const name of readdirSync(directory)) expect(readdirSync(join(directory, name))).toEqual([])
})
