import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { CgroupError, child, create, deleteGroup, exists, group, join, populated, procs, read, removalCalls, setLimits, stat, write } from './index.ts'
import { bundled } from '../test/bundle.ts'
import { caught } from '../test/caught.ts'
import { cleanUp, has, layout, leftovers, scratch, startIn, unable } from '../test/scratch.ts'

const v2Controllers = layout.hierarchies.find((each) => each.version === 2)?.controllers ?? []
const v1 = layout.hierarchies.some((each) => each.version === 1)

describe.skipIf(unable)(`create and delete on ${layout.mode}${unable ? `: ${unable}` : ''}`, () => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  test('the group has a directory in each of its hierarchies, and is empty', () => {
    const made = create(scratch())
    expect(made.places.length).toBeGreaterThan(0)
    for (const place of made.places) expect(existsSync(`${place.directory}/cgroup.procs`), place.directory).toBe(true)
    expect([exists(made), populated(made), procs(made)]).toEqual([true, false, []])
  })

  test('missing ancestors are made, and removed with the last child when they are ours', async () => {
    const parent = scratch()
    const [a, b] = [create(child(parent, 'a')), create(child(parent, 'b'))]
    await deleteGroup(a, { parents: true })
    expect([exists(a), exists(parent), exists(b)]).toEqual([false, true, true])
    await deleteGroup(b, { parents: true })
    expect(exists(parent)).toBe(false)
  })

  test('a process can join a group three levels down', () => {
    const deep = create(child(child(scratch(), 'a'), 'b'))
    const { pid } = startIn(deep, 'sleep', '20')
    expect(procs(deep)).toEqual([pid])
  })

  test('EROFS: the hierarchy is read-only, as containers have it; it is said so', async () => {
    const folder = mkdtempSync(`${tmpdir()}/ctr-cgroup-`)
    try {
      const code = 'import { cgroups, create, group } from "./index.ts"\ntry { create(group(cgroups(), "/ctr-read-only/below")) } catch ({ code, message }) { console.log(code, message) }'
      writeFileSync(`${folder}/child.mjs`, bundled(code))
      // What is mounted below another comes first.
      const points = [...new Set(layout.hierarchies.map(({ mountpoint }) => mountpoint))].reverse()
      const readOnly = points.map((point) => `mount -o bind,remount,ro ${point}`).join(' && ')
      const { stdout } = await promisify(execFile)('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', `${readOnly} && exec "$@"`, 'sh', process.execPath, `${folder}/child.mjs`])
      expect(stdout).toMatch(/^EROFS Cannot create cgroup .*\n.*\n.*the cgroup filesystem is mounted read-only/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('EEXIST: the group exists; nothing is made or removed', () => {
    const made = create(scratch())
    const error = caught(() => create(made))
    expect(error).toMatchObject({ code: 'EEXIST', syscall: 'mkdir' })
    expect(made.places.every((place) => existsSync(place.directory))).toBe(true)
  })

  test('a group that is left over in one hierarchy is EEXIST, and what was made before that is removed', () => {
    const wanted = scratch()
    const last = wanted.places.at(-1)!
    mkdirSync(last.directory)
    expect(caught(() => create(wanted)).code).toBe('EEXIST')
    expect(wanted.places.filter((place) => existsSync(place.directory))).toEqual([last])
    create(wanted, { adopt: true })
    expect(wanted.places.every((place) => existsSync(place.directory))).toBe(true)
  })

  test.skipIf(!has('cpuset'))('a refused limit leaves nothing, not even ancestors (needs the cpuset controller)', () => {
    const parent = scratch()
    expect(caught(() => create(child(parent, 'a'), { limits: { cpusetCpus: '1000' } })).message).toContain('Cannot set cpuset.cpus to 1000')
    expect(exists(parent)).toBe(false)
  })

  test('a wrong limit is a RangeError before anything is made', () => {
    const wanted = scratch()
    expect(() => create(wanted, { limits: { pidsMax: -5 } })).toThrow(new RangeError("Cannot set pids.max to -5: not a whole number from 0 to 4194304 or 'max'"))
    expect(exists(wanted)).toBe(false)
  })

  test.skipIf(!v1)('controllers select the v1 hierarchies (needs v1)', () => {
    const made = create(scratch(layout, ['pids']), { limits: { pidsMax: 7 } })
    expect(made.places.flatMap((place) => place.controllers)).toEqual(['pids'])
    expect(() => setLimits(made, { cpus: 1 })).toThrow(TypeError)
  })

  test.skipIf(!v2Controllers.includes('memory'))('EBUSY: an ancestor has member processes, and they are not moved (needs v2 controllers)', async () => {
    const parent = create(scratch())
    const { pid } = startIn(parent, 'sleep', '20')
    const error = caught(() => create(child(parent, 'a'), { limits: { pidsMax: 5 } }))
    expect(error).toMatchObject({ code: 'EBUSY' })
    expect(error.hint).toBe(`processes live in leaves only: the group has member processes ${pid}`)
    expect([exists(child(parent, 'a')), procs(parent)]).toEqual([false, [pid]])
  })

  test.skipIf(!v2Controllers.includes('memory'))('wished controllers that an ancestor cannot give are no error (needs v2 controllers)', () => {
    const parent = create(scratch())
    startIn(parent, 'sleep', '20')
    const made = create(child(parent, 'a'))
    expect(read(made, 'cgroup.type').trim()).toBe('domain')
    expect(stat(made, ['memory'])).toEqual({})
  })

  test.skipIf(!v2Controllers.includes('memory'))('a limit that comes later enables its controller (needs v2 controllers)', () => {
    const made = create(scratch(), { enable: [] })
    const inner = create(child(made, 'a'), { enable: [] })
    startIn(inner, 'sleep', '20')
    expect(stat(inner, ['memory'])).toEqual({})
    setLimits(inner, { memoryBytes: 2 ** 26 })
    expect(stat(inner, ['memory']).memory?.limitBytes).toBe(2 ** 26)
    expect(read(made, 'cgroup.subtree_control').trim()).toBe('memory')
  })

  test.skipIf(!v2Controllers.includes('memory'))('EBUSY: a limit that comes later, below processes (needs v2 controllers)', () => {
    const made = create(scratch(), { enable: [] })
    const { pid } = startIn(made, 'sleep', '20')
    const inner = create(child(made, 'a'), { enable: [] })
    const error = caught(() => setLimits(inner, { memoryBytes: 2 ** 26 }))
    expect(error.message).toContain('Cannot set memory.max to 67108864: EBUSY')
    expect(error.hint).toBe(`processes live in leaves only: the group has member processes ${pid}`)
    expect(error.path).toContain('cgroup.subtree_control')
  })

  test('EBUSY: a group with a process stays; the error names the process', async () => {
    const made = create(scratch())
    const { pid } = startIn(made, 'sleep', '20')
    const error = await deleteGroup(made, { timeoutMillis: 50 }).catch((reason: unknown) => reason as CgroupError)
    expect(error).toMatchObject({ code: 'EBUSY', syscall: 'rmdir' })
    expect((error as CgroupError).hint).toContain(`processes ${pid}`)
  })

  test('delete waits for exits that are not complete', async () => {
    for (let round = 0; round < 5; round++) {
      const made = create(scratch())
      const members = [1, 2, 3, 4, 5].map(() => startIn(made, 'sleep', '20'))
      for (const { pid } of members) process.kill(pid, 'SIGKILL')
      await deleteGroup(made)
      expect(exists(made)).toBe(false)
    }
  })

  test('delete takes the groups below with it, and tolerates what is gone', async () => {
    const made = create(scratch())
    create(child(made, 'a'))
    create(child(child(made, 'a'), 'b'))
    create(child(made, 'c'))
    rmdirSync(child(made, 'c').places[0]!.directory)
    await deleteGroup(made)
    await deleteGroup(made)
    expect(exists(made)).toBe(false)
  })

  test('removalCalls name exactly the directories that create makes', () => {
    const parent = scratch()
    const made = create(child(parent, 'a'))
    const calls = removalCalls(made, { parents: true })
    for (const { name, args } of calls) {
      expect(name).toBe('unlinkat')
      rmdirSync(String(args[1]))
    }
    expect(exists(parent)).toBe(false)
  })

  test('ESRCH: no such process', () => {
    const made = create(scratch())
    // One above the largest PID that this kernel gives.
    const pid = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8'))
    expect(caught(() => join(made, pid))).toMatchObject({ code: 'ESRCH', value: String(pid), hint: 'no such process in this PID namespace' })
  })

  test('ENOENT: no group to join', () => {
    expect(caught(() => join(scratch(), process.pid))).toMatchObject({ code: 'ENOENT', hint: 'the group does not exist in this hierarchy' })
  })

  test.skipIf(!layout.hierarchies.some((each) => each.version === 1 && each.controllers.includes('cpuset')))('ENOSPC: a v1 cpuset that nobody filled takes no process (needs v1 cpuset)', async () => {
    const bare = scratch(layout, ['cpuset'])
    mkdirSync(bare.places[0]!.directory)
    const child = startIn(create(scratch()), 'sleep', '20')
    const error = caught(() => join(bare, child.pid))
    expect(error).toMatchObject({ code: 'ENOSPC', hint: 'cpuset.cpus or cpuset.mems is empty: no process can live here until both are set' })
    create(bare, { adopt: true })
    join(bare, child.pid)
    expect(procs(bare)).toEqual([child.pid])
  })

  test.skipIf(!v2Controllers.includes('memory'))('EBUSY: a group that gives its children controllers takes no process (needs v2 controllers)', () => {
    const parent = create(scratch())
    create(child(parent, 'a'), { limits: { pidsMax: 5 } })
    const { pid } = startIn(create(scratch()), 'sleep', '20')
    const error = caught(() => join(parent, pid))
    expect(error.code).toBe('EBUSY')
    expect(error.hint).toMatch(/^processes live in leaves only: this group gives its children .*pids/)
  })

  test('any interface file can be read and written', () => {
    const made = create(scratch())
    write(made, 'cgroup.procs', '')
    expect(read(group(layout, '/'), 'cgroup.procs')).toMatch(/^\d+\n/)
  }, 5000)
})
