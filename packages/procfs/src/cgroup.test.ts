import { expect, test } from 'vitest'
import { parseCgroup } from './cgroup.ts'

test('v2, v1, co-mounted, named and empty', () => {
  expect(parseCgroup('9:name=systemd:/user\n3:cpu,cpuacct:/\n2::/x\n0::/a.slice/b.scope\n')).toEqual([
    { hierarchy: 9, controllers: [], name: 'systemd', path: '/user' },
    { hierarchy: 3, controllers: ['cpu', 'cpuacct'], path: '/' },
    { hierarchy: 2, controllers: [], path: '/x' },
    { hierarchy: 0, controllers: [], path: '/a.slice/b.scope' },
  ])
})

test('colons and blanks in a path, a path above the namespace root, a removed group', () => {
  expect(parseCgroup('0::/a:b::c d\n')[0]?.path).toBe('/a:b::c d')
  expect(parseCgroup('0::/../x\n')[0]?.path).toBe('/../x')
  expect(parseCgroup('0::/x (deleted)\n')[0]?.path).toBe('/x (deleted)')
})

test('what is not a cgroup file names the line', () => {
  for (const line of ['0:/', 'x::/', '0::', '0::x', 'nonsense']) {
    expect(() => parseCgroup(`1:cpu:/\n${line}\n`)).toThrow('cgroup line 2')
  }
})
