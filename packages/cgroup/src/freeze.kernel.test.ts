import { afterEach, describe, expect, test } from 'vitest'
import { child, create, freeze, frozen, stat, thaw, type CgroupError } from './index.ts'
import { cleanUp, leftovers, pause, scratch, startIn, unable, until, views } from '../test/scratch.ts'

describe.skipIf(unable).each(views)(`freeze on %s${unable ? `: ${unable}` : ''}`, (_, layout) => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  test('a frozen group uses no CPU, a thawed one does', async () => {
    const group = create(scratch(layout))
    startIn(group, 'sh', '-c', 'while :; do :; done')
    const usage = () => stat(group, ['cpu']).cpu!.usageNanos!
    const runs = async () => {
      const before = usage()
      await until('20 ms more of CPU time', () => usage() - before > 20e6)
    }
    await runs()
    await freeze(group)
    expect(frozen(group)).toBe(true)
    // The last accounting tick may come in after the freeze.
    await pause(20)
    const before = usage()
    await pause(200)
    expect(usage()).toBe(before)
    await thaw(group)
    expect(frozen(group)).toBe(false)
    await runs()
  })

  test('an empty group freezes, and freezing twice is the same', async () => {
    const group = create(scratch(layout))
    await freeze(group)
    await freeze(group)
    expect(frozen(group)).toBe(true)
    await thaw(group)
    await thaw(group)
    expect(frozen(group)).toBe(false)
  })

  test('ETIMEDOUT: below a frozen group nothing thaws', async () => {
    const parent = create(scratch(layout), { enable: [] })
    const below = create(child(parent, 'a'), { enable: [] })
    startIn(below, 'sleep', '20')
    await freeze(parent)
    expect(frozen(below)).toBe(true)
    await expect(thaw(below, { timeoutMillis: 30 })).rejects.toMatchObject({ code: 'ETIMEDOUT', hint: 'an ancestor is frozen' })
    await thaw(parent)
    expect(frozen(below)).toBe(false)
  })

  test('ENOENT: no such group', async () => {
    const error = await freeze(scratch(layout)).catch((reason: unknown) => reason as CgroupError)
    expect(error).toMatchObject({ code: 'ENOENT', hint: 'the group does not exist in this hierarchy' })
  })
})
