import { afterEach, describe, expect, test } from 'vitest'
import { create, child, deleteGroup, exists, freeze, join, kill, populated, procs } from './index.ts'
import { cleanUp, leftovers, pause, scratch, startIn, unable, until, views } from '../test/scratch.ts'

describe.skipIf(unable).each(views)(`kill on %s${unable ? `: ${unable}` : ''}`, (_, layout) => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  test('all processes, also in groups below, are killed by SIGKILL and gone', async () => {
    const parent = create(scratch(layout), { enable: [] })
    const below = create(child(parent, 'a'), { enable: [] })
    const members = [startIn(parent, 'sleep', '20'), startIn(below, 'sleep', '20'), startIn(below, 'sh', '-c', 'trap "" TERM; sleep 20; sleep 20')]
    await kill(parent)
    expect(populated(parent)).toBe(false)
    for (const { exit } of members) expect((await exit).signal).toBe('SIGKILL')
  })

  test('a frozen group dies too, and can be removed', async () => {
    const group = create(scratch(layout))
    const member = startIn(group, 'sh', '-c', 'while :; do :; done')
    await freeze(group)
    await kill(group)
    expect((await member.exit).signal).toBe('SIGKILL')
    await deleteGroup(group)
    expect(exists(group)).toBe(false)
  })

  test('no fork escapes from processes that fork all the time', async () => {
    const group = create(scratch(layout))
    for (let i = 0; i < 6; i++) startIn(group, 'sh', '-c', 'while :; do (sleep 0.01 > /dev/null 2>&1 & ) & wait; done')
    // The six shells, and what they have forked.
    await until('forks', () => procs(group).length > 6)
    await kill(group)
    expect(populated(group)).toBe(false)
    await pause(20)
    expect(procs(group)).toEqual([])
    await deleteGroup(group)
  })

  test('an empty group and one that does not exist are fine', async () => {
    await kill(create(scratch(layout)))
    await kill(scratch(layout))
  })

  test('its own group is refused before anything is signalled', async () => {
    const group = create(scratch(layout))
    const before = startIn(group, 'sleep', '20')
    const self = { ...group, places: group.places.map((place) => ({ ...place, directory: place.mountpoint })) }
    await expect(kill({ ...self, path: '/its-own' })).rejects.toThrow(RangeError)
    expect(procs(group)).toEqual([before.pid])
  })

  test('a process that joined only one of the hierarchies is killed as well', async () => {
    const group = create(scratch(layout))
    const member = startIn(scratchless(group), 'sleep', '20')
    await kill(group)
    expect((await member.exit).signal).toBe('SIGKILL')
    await deleteGroup(group)
  })

  function scratchless(group: ReturnType<typeof create>) {
    return { ...group, places: group.places.slice(0, 1) }
  }

  test('join moves a running process', async () => {
    const [a, b] = [create(scratch(layout)), create(scratch(layout))]
    const { pid } = startIn(a, 'sleep', '20')
    join(b, pid)
    expect([procs(a), procs(b)]).toEqual([[], [pid]])
  })
})
