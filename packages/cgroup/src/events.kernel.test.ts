import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { child, create, deleteGroup, events, freeze, kill, thaw, type EventsOptions, type Group, type GroupEvent } from './index.ts'
import { placeOf } from './group.ts'
import { cleanUp, layout, leftovers, scratch, startIn, unable, unifiedView, until, views } from '../test/scratch.ts'

const MiB = 2 ** 20
const psi = (() => {
  try {
    return readFileSync('/proc/pressure/cpu', 'utf8').startsWith('some')
  } catch {
    return false
  }
})()
const swapless = readFileSync('/proc/swaps', 'utf8').trim().split('\n').length === 1

/** On a hybrid machine also without what is looked at: only what v2 tells. */
const all = layout.mode === 'hybrid' && unifiedView ? [...views, ['its v2 hierarchy only', unifiedView] as const] : views

describe.skipIf(unable).each(all)(`events on %s${unable ? `: ${unable}` : ''}`, (_, view) => {
  const stops: (() => Promise<void>)[] = []

  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop()
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  /** Everything that happens from now on. */
  function listen(made: Group, options: EventsOptions = {}) {
    const seen: GroupEvent[] = []
    const iterator = events(made, { pollMillis: 20, ...options })
    const end = (async () => {
      for await (const event of iterator) seen.push(event)
      return 'ended'
    })()
    end.catch(() => {})
    stops.push(async () => void (await iterator.return?.()))
    return { seen, end, find: <Kind extends GroupEvent['kind']>(kind: Kind) => seen.find((event): event is GroupEvent & { readonly kind: Kind } => event.kind === kind) }
  }

  const has = (controller: string) => view.hierarchies.some((each) => each.controllers.includes(controller))
  const last = (path: string | null | undefined) => path?.split('/').at(-1)

  test('populated, and the end with the group', async () => {
    const made = create(scratch(view))
    const { seen, end } = listen(made)
    startIn(made, 'sleep', '60')
    await until('a process', () => seen.length > 0)
    await kill(made)
    await until('no process', () => seen.length > 1)
    expect(seen).toEqual([{ kind: 'populated', populated: true }, { kind: 'populated', populated: false }])
    await deleteGroup(made)
    expect(await end).toBe('ended')
  })

  test('frozen and thawed', async () => {
    const made = create(scratch(view))
    startIn(made, 'sleep', '60')
    const { seen } = listen(made)
    await freeze(made)
    await until('frozen', () => seen.some((event) => event.kind === 'frozen' && event.frozen))
    await thaw(made)
    await until('thawed', () => seen.some((event) => event.kind === 'frozen' && !event.frozen))
  })

  const eat = ['sh', '-c', 'head -c 100M /dev/zero | tail | wc -c; true'] as const

  test.skipIf(!has('memory') || !swapless)('oom_kill: the group whose own limit was met (needs the memory controller, no swap)', async () => {
    // Also where memory and swap together have the same limit, which is then the one that is met.
    const made = create(scratch(view), { limits: { memoryBytes: 24 * MiB, memorySwapBytes: 24 * MiB } })
    const { find } = listen(made)
    await startIn(made, ...eat).exit
    await until('a kill', () => find('oom_kill') !== undefined)
    expect(find('oom_kill')).toMatchObject({ count: 1, total: 1, cause: placeOf(made, 'memory')!.directory })
  })

  test.skipIf(!has('memory'))('max: usage met the limit (needs the memory controller)', async () => {
    const made = create(scratch(view), { limits: { memoryBytes: 24 * MiB } })
    const { find } = listen(made)
    await startIn(made, ...eat).exit
    await until('a limit that was met', () => find('max') !== undefined)
    expect(find('max')!.count).toBeGreaterThan(0)
  })

  test.skipIf(!has('memory') || !swapless)('oom_kill: the ancestor whose limit was met (needs the memory controller, no swap)', async () => {
    const outer = create(scratch(view), { limits: { memoryBytes: 24 * MiB } })
    const inner = create(child(outer, 'inner'), { limits: { memoryBytes: 64 * MiB } })
    const [below, above] = [listen(inner), listen(outer)]
    await startIn(inner, ...eat).exit
    await until('both kills', () => below.find('oom_kill') !== undefined && above.find('oom_kill') !== undefined)
    expect(below.find('oom_kill')!.cause).toBe(placeOf(outer, 'memory')!.directory)
    expect(above.find('oom_kill')!.cause).toBe(placeOf(outer, 'memory')!.directory)
  })

  test.skipIf(!has('memory') || !swapless)('oom_kill: a group below whose limit was met (needs the memory controller, no swap)', async () => {
    const outer = create(scratch(view), { limits: { memoryBytes: 64 * MiB } })
    const inner = create(child(outer, 'inner'), { limits: { memoryBytes: 24 * MiB } })
    const { find } = listen(outer)
    await startIn(inner, ...eat).exit
    await until('a kill', () => find('oom_kill') !== undefined)
    expect(last(find('oom_kill')!.cause)).toBe('inner')
  })

  test.skipIf(!has('pids'))('pids_max: a fork was refused (needs the pids controller)', async () => {
    const made = create(scratch(view), { limits: { pidsMax: 2 } })
    const { find } = listen(made)
    startIn(made, 'sh', '-c', 'for i in 1 2 3 4; do sleep 20 > /dev/null 2>&1 & done')
    await until('a refused fork', () => find('pids_max') !== undefined)
    expect(find('pids_max')!.count).toBeGreaterThan(0)
  })

  const high = has('memory') && view.mode === 'v2'
  test.skipIf(!high)('high: slowed down above memory.high (needs v2 with the memory controller)', async () => {
    const made = create(scratch(view), { limits: { memoryHighBytes: 8 * MiB } })
    const { find } = listen(made)
    startIn(made, 'sh', '-c', 'head -c 20M /dev/zero | tail | wc -c')
    await until('memory.high', () => find('high') !== undefined)
  })

  const unified = view.hierarchies.some((each) => each.version === 2)
  test.skipIf(!unified || !psi)('pressure: as much waiting as was asked for (needs v2 and PSI)', async () => {
    const made = create(scratch(view))
    const { find } = listen(made, { pressure: [{ resource: 'cpu', stallMicros: 20_000, windowMicros: 500_000 }] })
    for (let count = 0; count < 4; count++) startIn(made, 'sh', '-c', 'while :; do :; done')
    await until('pressure', () => find('pressure') !== undefined)
    expect(find('pressure')).toMatchObject({ resource: 'cpu', line: 'some' })
    expect(find('pressure')!.stalledMicros).toBeGreaterThanOrEqual(20_000)
  })

  test.skipIf(unified)('pressure on v1 is a TypeError (v1)', () => {
    const made = create(scratch(view))
    expect(() => events(made, { pressure: [{ resource: 'cpu', stallMicros: 1, windowMicros: 500_000 }] })).toThrow(new TypeError(`Cannot watch cpu pressure of cgroup ${made.path}: v1 does not count it by group`))
  })

  test('a signal ends it with its reason, also while nothing happens', async () => {
    const made = create(scratch(view))
    const controller = new AbortController()
    const { end } = listen(made, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(end).rejects.toThrow('enough')
    expect(() => events(made, { signal: controller.signal })).toThrow('enough')
  })

  test('return() ends an iteration that never started, and one that waits', async () => {
    const made = create(scratch(view))
    const idle = events(made)
    expect(await idle.return!()).toEqual({ value: undefined, done: true })
    expect(await idle.next()).toEqual({ value: undefined, done: true })
    const waiting = events(made)
    const next = waiting.next()
    await waiting.return!()
    expect((await next).done).toBe(true)
  })

  test('what happens while nobody looks is summed up and kept', async () => {
    const made = create(scratch(view))
    const iterator = events(made, { pollMillis: 20 })
    const member = startIn(made, 'true')
    await member.exit
    startIn(made, 'sleep', '60')
    const { value } = await iterator.next()
    expect(value).toEqual({ kind: 'populated', populated: true })
    await iterator.return!()
  })

  test('ENOENT: no such group', () => {
    expect(() => events(scratch(view))).toThrow(expect.objectContaining({ code: 'ENOENT', hint: 'the group does not exist' }))
  })
})

describe('options of events', () => {
  test.each([0, -1, NaN, Infinity])('look every %d ms is a RangeError', (pollMillis) => {
    expect(() => events({ layout, path: '/x', places: [] }, { pollMillis })).toThrow(RangeError)
  })
})
