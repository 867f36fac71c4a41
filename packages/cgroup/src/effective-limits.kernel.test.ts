import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { child, create, effectiveLimits, group, type EffectiveLimits } from './index.ts'
import { bundle } from '../test/bundle.ts'
import { cleanUp, has, layout, leftovers, scratch, startIn, unable } from '../test/scratch.ts'

const MiB = 2 ** 20
const able = !unable && has('memory') && has('cpu') && has('pids')

describe.skipIf(!able)(`effective limits on ${layout.mode}${able ? '' : `: ${unable ?? 'needs the cpu, memory and pids controllers'}`}`, () => {
  afterEach(async () => {
    await cleanUp()
    expect(leftovers()).toEqual([])
  })

  /** Three groups inside each other; each has the least of something. */
  function nested(cpus: readonly number[] = []) {
    const outer = create(scratch(), { limits: { memoryBytes: 96 * MiB, pidsMax: 50, ...(cpus[0] ? { cpus: cpus[0] } : {}) } })
    const middle = create(child(outer, 'a'), { limits: { memoryBytes: 48 * MiB, pidsMax: 60, ...(cpus[1] ? { cpus: cpus[1] } : {}) } })
    return create(child(middle, 'b'), { limits: { memoryBytes: 64 * MiB, pidsMax: 40 } })
  }

  test('nested groups: each limit is found where it is', () => {
    const inner = nested([0.25, 0.2])
    const { pid } = startIn(inner, 'sleep', '20')
    const { cpu, memory, pids, hidden } = effectiveLimits(pid)
    expect([cpu.cpus, memory.limitBytes, pids.max, hidden]).toEqual([0.2, 48 * MiB, 40, []])
    const last = (path: string | null) => path?.split('/').at(-2)
    expect([last(cpu.by), last(memory.by), last(pids.by)]).toEqual(['a', 'a', 'b'])
    expect(memory.usageBytes).toBeGreaterThan(0)
    expect(memory.availableBytes).toBeLessThanOrEqual(48 * MiB - memory.usageBytes!)
    expect([pids.current, pids.available]).toEqual([1, 39])
  })

  test.skipIf(!has('cpuset'))('the CPUs of a cpuset (needs the cpuset controller)', () => {
    const { pid } = startIn(create(scratch(), { limits: { cpusetCpus: '0' } }), 'sleep', '20')
    expect(effectiveLimits(pid).cpu).toEqual({ cpus: 1, allowed: [0], by: null })
  })

  test('of this process, without limits of its own: the CPUs that the scheduler gives it', () => {
    const { cpu, memory } = effectiveLimits()
    if (cpu.by === null) expect(cpu.cpus).toBe(availableParallelism())
    expect(memory.limitBytes).toBeLessThanOrEqual(Number(/^MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))![1]) * 1024)
  })

  test('a user without privileges is told the same', async () => {
    expect((await tell(nested(), 'exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"')).memory.limitBytes).toBe(48 * MiB)
  })

  test('in a cgroup namespace the way up ends at its root; v1 tells the memory limit above it', async () => {
    // A mount that is made inside the namespace starts at its root. All of it is private to the child.
    const memory = layout.hierarchies.find((each) => each.controllers.includes('memory'))!
    const mount = memory.version === 2 ? `mount -t cgroup2 none ${memory.mountpoint}` : `mount -t cgroup -o ${memory.controllers.join()} none ${memory.mountpoint}`
    const told = await tell(nested(), `exec unshare --cgroup --mount --propagation private sh -c 'umount ${memory.mountpoint} && ${mount} && exec "$@"' sh "$@"`)
    expect(told.memory).toMatchObject({ limitBytes: memory.version === 2 ? 64 * MiB : 48 * MiB, by: `${memory.mountpoint}/${memory.version === 2 ? 'memory.max' : 'memory.stat'}` })
    expect(told.hidden).not.toContain('memory')
  })

  /** What a process that a shell starts in the group is told of itself. */
  async function tell(inside: ReturnType<typeof group>, script: string): Promise<EffectiveLimits> {
    // Not below a directory that only root may enter.
    const directory = mkdtempSync(join(tmpdir(), 'ctr-test-'))
    try {
      const file = bundle('../src/effective-limits.ts', directory)
      writeFileSync(file, `${readFileSync(file, 'utf8')}\nprocess.stdout.write(JSON.stringify(effectiveLimits()))\n`)
      // Read as root, run as whoever: the file's text is the argument.
      const { output } = await startIn(inside, 'sh', '-c', script, 'sh', process.execPath, '--input-type=module', '-e', readFileSync(file, 'utf8')).exit
      return JSON.parse(output) as EffectiveLimits
    } finally {
      rmSync(directory, { recursive: true })
    }
  }
})
