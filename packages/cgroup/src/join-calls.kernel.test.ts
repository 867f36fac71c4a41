import { afterEach, describe, expect, test } from 'vitest'
import { create, joinCalls, procs, tasks } from './index.ts'
import { cleanUp, leftovers, scratch, start, startIn, unable, until, views } from '../test/scratch.ts'

describe.skipIf(unable).each(views)(`join on %s${unable ? `: ${unable}` : ''}`, (_, layout) => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  // The shell is single-threaded and does what the program says: open for writing, write, close, in this order.
  test('the process that writes what joinCalls say is in all hierarchies, and so are its children', async () => {
    const group = create(scratch(layout))
    const script = joinCalls(group).flatMap(({ name, args }) => (name === 'openat' ? [String(args[1])] : [])).map((path) => `printf 0 > ${path}`)
    expect(script.length).toBe(group.places.length)
    const child = start('/bin/sh', ['-ec', `${script.join('\n')}\nsleep 20 & echo $! $$; wait`])
    const [inner, outer] = await new Promise<number[]>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk).trim().split(' ').map(Number))))
    for (const place of group.places) {
      expect(procs({ ...group, places: [place] }).sort(), place.directory).toEqual([outer, inner].sort())
      expect(tasks({ ...group, places: [place] }).sort(), place.directory).toEqual([outer, inner].sort())
    }
  })

  test('children that are started later are members, threads are tasks', async () => {
    const group = create(scratch(layout))
    // Node has several threads; one process.
    const { pid } = startIn(group, process.execPath, '-e', 'setTimeout(() => {}, 20000)')
    await until('five threads', () => tasks(group).length >= 5)
    expect(procs(group)).toEqual([pid])
    expect(tasks(group)).toContain(pid)
  })
})
