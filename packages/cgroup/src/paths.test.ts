import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { child } from './group.ts'
import type { Layout } from './layout.ts'
import { groupAt, ownGroup, slicePath, systemdPath } from './paths.ts'
import { removalCalls } from './removal-calls.ts'

const hierarchy = (version: 1 | 2, mountpoint: string, own: string | null, ...controllers: string[]) => ({ version, mountpoint, root: '/', controllers, own, readOnly: false })
const hybrid: Layout = { mode: 'hybrid', hierarchies: [hierarchy(1, '/c/memory', '/box/a', 'memory'), hierarchy(1, '/c/pids', '/', 'pids'), hierarchy(2, '/c/unified', '/user')], own: {}, disabled: [] }
const directories = (path: string) => groupAt(hybrid, path).places.map((place) => place.directory)

describe('systemd\'s names', () => {
  test.each([['user-1000.slice', '/user.slice/user-1000.slice'], ['a.slice', '/a.slice'], ['-.slice', '/'], ['a-b-c.slice', '/a.slice/a-b.slice/a-b-c.slice']])('%s is %s', (slice, path) => {
    expect(slicePath(slice)).toBe(path)
  })

  test.each(['a', '.slice', '-a.slice', 'a-.slice', 'a--b.slice', 'a/b.slice', ''])('%j is no slice', (slice) => {
    expect(() => slicePath(slice)).toThrow(new RangeError(`Cannot use slice ${JSON.stringify(slice)}: not a name like a-b.slice`))
  })

  test.each([
    ['machine.slice:ctr:web', '/machine.slice/ctr-web.scope'],
    [':ctr:web', '/system.slice/ctr-web.scope'],
    ['a-b.slice::web', '/a.slice/a-b.slice/-web.scope'],
    ['-.slice:ctr:web', '/ctr-web.scope'],
    ['a.slice:ctr:a-web.slice', '/a.slice/a-web.slice'],
  ])('%s is %s', (text, path) => {
    expect([systemdPath(text), groupAt(hybrid, text).path]).toEqual([path, path])
  })

  test.each(['a.slice:b', 'a.slice:b:c:d', 'a.slice:b:', 'a:b:c', 'a.slice:b/../..:c'])('%j is refused', (text) => {
    expect(() => systemdPath(text)).toThrow(RangeError)
  })

  test('whatever the text, a path without dots or a RangeError', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-c.:/-]{1,12}(\.slice)?:[a-c.]{0,3}:[a-c./]{0,5}$/)), (text) => {
      try {
        expect(systemdPath(text)).toMatch(/^\/[^\n\0]*$/)
        expect(groupAt(hybrid, systemdPath(text)).path.split('/')).not.toContain('..')
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }))
  })
})

describe('relative paths', () => {
  test('start at the own group, which is another in each hierarchy', () => {
    expect(directories('x/y')).toEqual(['/c/memory/box/a/x/y', '/c/pids/x/y', '/c/unified/user/x/y'])
    expect(directories('./x')).toEqual(directories('x'))
    expect([groupAt(hybrid, 'x').path, ownGroup(hybrid).path, groupAt(hybrid, '.').path]).toEqual(['/user/x', '/user', '/user'])
    expect(directories('/x')).toEqual(['/c/memory/x', '/c/pids/x', '/c/unified/x'])
  })

  test('children and removal follow each hierarchy', () => {
    expect(child(groupAt(hybrid, 'x'), 'y').places.map((place) => place.directory)).toEqual(directories('x/y'))
    expect(removalCalls(groupAt(hybrid, 'x'), { parents: true }).map(({ args }) => args[1])).toEqual(['/c/memory/box/a/x', '/c/memory/box/a', '/c/memory/box', '/c/pids/x', '/c/unified/user/x', '/c/unified/user'])
  })

  test('never lead up', () => {
    for (const path of ['..', 'x/../..', 'x/..']) expect(() => groupAt(hybrid, path)).toThrow(RangeError)
  })

  test('need a group that is visible', () => {
    const hidden = { ...hybrid, hierarchies: [hierarchy(2, '/c', null)] }
    expect(() => groupAt(hidden, 'x')).toThrow(new RangeError('Cannot use a relative cgroup path: the group of this process in /c is not visible from here'))
  })
})
