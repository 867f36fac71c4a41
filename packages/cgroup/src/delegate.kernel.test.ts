import { rmdirSync, statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { child, create, delegate, group, groupAt, join, joinThread, kill, ownGroup, permission, procs, read, tasks, type Group } from './index.ts'
import { placeOf } from './group.ts'
import { caught } from '../test/caught.ts'
import { cleanUp, has, layout, leftovers, scratch, start, startIn, unable, unifiedView, until } from '../test/scratch.ts'

const nobody = 65534

describe.skipIf(unable)(`delegation and threads on ${layout.mode}${unable ? `: ${unable}` : ''}`, () => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  const asNobody = (made: Group, script: string) => startIn(made, 'setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', 'sh', '-c', script).exit

  test.skipIf(!has('pids'))('the user divides what was delegated, and cannot change what it was given (needs the pids controller)', async () => {
    const made = create(scratch(), { limits: { pidsMax: 20 } })
    delegate(made, nobody, nobody)
    const { version, directory } = placeOf(made, 'pids')!
    const { output } = await asNobody(made, `
      cd ${directory} && mkdir sub && echo $$ > sub/cgroup.procs && ${version === 2 ? 'echo +pids > cgroup.subtree_control' : 'true'} &&
      echo 5 > sub/pids.max && cat sub/pids.max && (echo 99 > pids.max) 2>&1 | grep -o 'ermission denied'; echo $$ > ../cgroup.procs || true`)
    expect(output).toMatch(/^5\nermission denied\n/)
    // And it cannot leave.
    expect(output).toMatch(/ermission denied/)
    expect(read(made, 'pids.max')).toBe('20\n')
  })

  test('the files that the kernel names are the user\'s, limits are not', () => {
    const made = create(scratch(), { limits: has('pids') ? { pidsMax: 20 } : {} })
    delegate(made, nobody)
    for (const { version, directory } of made.places) {
      const owner = (file: string) => statSync(`${directory}/${file}`).uid
      expect([owner('.'), owner('cgroup.procs'), owner(version === 2 ? 'cgroup.subtree_control' : 'tasks')], directory).toEqual([nobody, nobody, nobody])
    }
    if (has('pids')) expect(statSync(`${placeOf(made, 'pids')!.directory}/pids.max`).uid).toBe(0)
  })

  test('ENOENT: no group to delegate; the root is nobody\'s', () => {
    expect(caught(() => delegate(scratch(), nobody))).toMatchObject({ code: 'ENOENT', syscall: 'chown', hint: 'the group does not exist in this hierarchy' })
    expect(() => delegate(group(layout, '/'), nobody)).toThrow(RangeError)
    expect(() => delegate(scratch(), -1)).toThrow(/Cannot delegate cgroup .* to -1: not an ID/)
  })

  test('permission: root may, and a group that is not there names what is missing', () => {
    const made = create(scratch())
    expect(permission(made)).toMatchObject({ manage: true, refused: [] })
    expect(permission(ownGroup(layout)).manage).toBe(true)
    const missing = scratch()
    expect(permission(missing).manage).toBe(false)
    expect(permission(missing).refused).toContain(`${missing.places[0]!.directory}/cgroup.procs`)
  })

  test('a relative group is below this process\'s own in every hierarchy', () => {
    const name = scratch().path.slice(1)
    const made = groupAt(layout, name)
    create(made)
    try {
      const { pid } = startIn(made, 'sleep', '20')
      expect(procs(made)).toEqual([pid])
      for (const { directory } of made.places) expect(directory.endsWith(`/${name}`)).toBe(true)
      // Out of it again, so that it can be removed below.
      join(create(scratch()), pid)
    } finally {
      // The process has moved away: nothing to wait for.
      for (const { directory } of made.places) rmdirSync(directory)
    }
  })

  const cpu = layout.mode === 'v2' && has('cpu')
  test.skipIf(!unifiedView)('a threaded group takes a thread of a process that lives above it (needs v2)', async () => {
    const domain = create(scratch(unifiedView))
    const process = start(globalThis.process.execPath, ['-e', `new (require('worker_threads').Worker)('setInterval(() => {}, 1000)', { eval: true }); setInterval(() => {}, 1000); console.log('up')`])
    join(domain, process.pid!)
    await new Promise((resolve) => process.stdout.once('data', resolve))
    const threads = create(child(domain, 'threads'), { threaded: true, limits: cpu ? { cpuWeight: 50 } : {} })
    expect([read(threads, 'cgroup.type'), read(domain, 'cgroup.type')]).toEqual(['threaded\n', 'domain threaded\n'])
    if (cpu) expect(read(threads, 'cpu.weight')).toBe('50\n')
    const tid = tasks(domain).find((id) => id !== process.pid)!
    joinThread(threads, tid)
    expect([tasks(threads), procs(domain)]).toEqual([[tid], [process.pid]])
    const stranger = startIn(create(scratch(unifiedView)), 'sleep', '20')
    expect(caught(() => joinThread(threads, stranger.pid))).toMatchObject({ code: 'EOPNOTSUPP', hint: 'the process lives outside of the threaded subtree: join its domain first' })
    if (cpu) expect(caught(() => create(child(domain, 'more'), { threaded: true, limits: { memoryBytes: 2 ** 26 } })).code).toBe('EBUSY')
    await expect(kill(threads)).rejects.toMatchObject({ code: 'EOPNOTSUPP', hint: 'threads do not die alone: kill the group in which their processes live' })
    await kill(domain)
    await until('an end', () => process.exitCode !== null || process.signalCode !== null)
  })

  test.skipIf(!unifiedView)('EOPNOTSUPP: a thread alone does not go into a group of processes; beside a threaded group, one is domain invalid (needs v2)', () => {
    const domain = create(scratch(unifiedView), { enable: [] })
    const { pid } = startIn(create(scratch(unifiedView)), 'sleep', '20')
    expect(caught(() => joinThread(domain, pid))).toMatchObject({ code: 'EOPNOTSUPP', hint: 'the group is domain: a thread by itself can only be in a threaded group' })
    create(child(domain, 'threads'), { threaded: true, enable: [] })
    const invalid = create(child(domain, 'beside'), { enable: [] })
    expect(read(invalid, 'cgroup.type')).toBe('domain invalid\n')
    expect(caught(() => join(invalid, pid))).toMatchObject({ code: 'EOPNOTSUPP', hint: expect.stringContaining('it must be made threaded too') })
  })

  test.skipIf(!layout.hierarchies.some((each) => each.version === 1 && each.controllers.includes('cpu')))('v1: one thread of this process in a group of its own (needs v1)', async () => {
    const made = create(scratch({ ...layout, hierarchies: layout.hierarchies.filter((each) => each.version === 1) }, ['cpu']))
    const worker = new Worker("require('worker_threads').parentPort.postMessage(require('fs').readlinkSync('/proc/thread-self')); setInterval(() => {}, 1000)", { eval: true })
    try {
      const link = await new Promise<string>((resolve) => worker.once('message', resolve))
      const tid = Number(link.split('/').at(-1))
      joinThread(made, tid)
      expect(tasks(made)).toEqual([tid])
    } finally {
      await worker.terminate()
    }
    await until('the thread\'s end', () => tasks(made).length === 0)
    expect(() => joinThread(made, -1)).toThrow(RangeError)
  })
})
