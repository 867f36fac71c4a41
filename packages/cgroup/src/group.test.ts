import { describe, expect, test } from 'vitest'
import { child, group, placeOf } from './group.ts'
import type { Layout } from './layout.ts'

const hierarchy = (version: 1 | 2, mountpoint: string, ...controllers: string[]) => ({ version, mountpoint, root: '/', controllers, own: '/', readOnly: false })
const hybrid: Layout = {
  mode: 'hybrid',
  hierarchies: [hierarchy(1, '/c/cpu', 'cpu', 'cpuacct'), hierarchy(1, '/c/perf', 'perf_event'), hierarchy(1, '/c/pids', 'pids'), hierarchy(1, '/c/systemd', 'name=systemd'), hierarchy(2, '/c/unified')],
  own: {},
  disabled: [],
}

describe('group', () => {
  test('lives in hierarchies with a supported controller, and in the v2 one', () => {
    expect(group(hybrid, '/a/b').places.map((place) => place.directory)).toEqual(['/c/cpu/a/b', '/c/pids/a/b', '/c/unified/a/b'])
  })

  test('chosen controllers choose the v1 hierarchies', () => {
    expect(group(hybrid, '/a', { controllers: ['cpuacct'] }).places.map((place) => place.directory)).toEqual(['/c/cpu/a', '/c/unified/a'])
    expect(() => group(hybrid, '/a', { controllers: ['cgroup' as 'cpu'] })).toThrow('Cannot use controller "cgroup"')
  })

  test('also in those that limit nothing, where that is asked for: by what they are called, and unless they are read-only', () => {
    expect(group(hybrid, '/a', { controllers: ['pids'], uncontrolled: true }).places.map(({ directory, controllers }) => [directory, ...controllers])).toEqual([['/c/perf/a', 'perf_event'], ['/c/pids/a', 'pids'], ['/c/systemd/a', 'name=systemd'], ['/c/unified/a']])
    const readOnly = { ...hybrid, hierarchies: hybrid.hierarchies.map((each) => ({ ...each, readOnly: each.mountpoint === '/c/systemd' })) }
    expect(group(readOnly, '/a', { controllers: [], uncontrolled: true }).places.map(({ directory }) => directory)).toEqual(['/c/perf/a', '/c/unified/a'])
  })

  test('the root is the mountpoint', () => {
    expect(group(hybrid, '/').places[0]!.directory).toBe('/c/cpu')
    expect(child(group(hybrid, '/'), 'a')).toEqual(group(hybrid, '/a'))
    expect(child(group(hybrid, '/a'), 'b')).toEqual(group(hybrid, '/a/b'))
  })

  test('a controller names its place; unified is the v2 one', () => {
    const made = group(hybrid, '/a')
    expect([placeOf(made, 'cpuacct')?.directory, placeOf(made, 'unified')?.directory, placeOf(made, 'memory')]).toEqual(['/c/cpu/a', '/c/unified/a', undefined])
  })

  test.each(['', 'a', '/a/', '//a', '/a/../b', '/.', '/a\nb', '/a\0', `/${'x'.repeat(256)}`])('refuses %j', (path) => {
    expect(() => group(hybrid, path)).toThrow(RangeError)
  })

  test('is data', () => {
    const made = group(hybrid, '/a')
    expect(JSON.parse(JSON.stringify(made))).toEqual(made)
  })
})
