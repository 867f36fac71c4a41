import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lookInRoot, rootBehind } from './in-root.ts'

const root = mkdtempSync(join(tmpdir(), 'ctrun-root-'))
beforeAll(() => {
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  writeFileSync(join(root, 'usr/bin/tool'), 'here')
  symlinkSync('/usr/bin', join(root, 'bin'))
  symlinkSync('/etc/passwd', join(root, 'secret'))
  symlinkSync('../../../../../../etc/passwd', join(root, 'up'))
  symlinkSync('loop', join(root, 'loop'))
})
afterAll(() => rmSync(root, { recursive: true }))

test('links are followed as in the container', () => {
  expect(lookInRoot(root, '/bin/tool')).toMatchObject({ head: Buffer.from('here') })
})

test.each(['/secret', '/up', '/loop'])('%s does not lead to the host', (path) => {
  expect(lookInRoot(root, path)).toEqual({ missing: path })
})

test('the first part that is missing is named', () => {
  expect(lookInRoot(root, '/usr/lib/x/y')).toEqual({ missing: '/usr/lib' })
  expect(lookInRoot(root, '/usr/bin/none')).toEqual({ missing: '/usr/bin/none' })
})

test('what is mounted over a path is looked at instead of it', () => {
  const config = { rootfs: root, args: ['x'], mounts: [{ type: 'bind', source: '/a', target: '/m' }, { type: 'tmpfs', target: '/m/t' }] } as const
  expect(rootBehind(config, '/m/x/y')).toEqual({ root: '/a', path: '/x/y' })
  expect(rootBehind(config, '/m/t/z')).toBeUndefined()
  expect(rootBehind(config, '/mm')).toEqual({ root, path: '/mm' })
  expect(rootBehind({ rootfs: 'host', args: ['x'] }, '/bin/sh')).toEqual({ root: '/', path: '/bin/sh' })
})
