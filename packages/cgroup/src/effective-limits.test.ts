import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { effectiveLimits } from './effective-limits.ts'

const MiB = 2 ** 20
const v2 = '30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n'
const v1 = ['cpu', 'memory', 'pids'].map((name, index) => `${40 + index} 23 0:${30 + index} / /sys/fs/cgroup/${name} rw - cgroup cgroup rw,${name}\n`).join('')

// Trees of plain files: what is tested is which limits are found and which of them is the least.
describe('effectiveLimits', () => {
  let root: string
  const put = (files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
  }
  const limits = (pid: number | 'self' = 'self') => effectiveLimits(pid, { root })

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ctr-test-'))
    put({
      'proc/meminfo': 'MemTotal:       1024 kB\nMemFree:         100 kB\nMemAvailable:    768 kB\n',
      'proc/loadavg': '0.20 0.18 0.12 1/80 11206\n',
      'proc/sys/kernel/pid_max': '32768\n',
      'proc/sys/kernel/threads-max': '1000\n',
      'proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0-7\n',
      'sys/devices/system/cpu/online': '0-3\n',
    })
  })
  afterEach(() => rmSync(root, { recursive: true }))

  test('without any limit: the machine, and only the CPUs that are online', () => {
    put({ 'proc/self/mountinfo': v2, 'proc/self/cgroup': '0::/a\n', 'sys/fs/cgroup/a/cpu.max': 'max 100000\n', 'sys/fs/cgroup/a/memory.max': 'max\n', 'sys/fs/cgroup/a/pids.max': 'max\n' })
    expect(limits()).toEqual({
      cpu: { cpus: 4, allowed: [0, 1, 2, 3], by: null },
      memory: { limitBytes: MiB, usageBytes: 256 * 1024, availableBytes: 768 * 1024, highBytes: null, by: null },
      pids: { max: 1000, current: 80, available: 920, by: null },
      hidden: [],
    })
  })

  test('no cgroup filesystem at all: the machine, and what is not known is named', () => {
    put({ 'proc/self/mountinfo': '', 'proc/self/cgroup': '0::/a\n' })
    expect(limits()).toMatchObject({ cpu: { cpus: 4 }, memory: { limitBytes: MiB }, pids: { max: 1000 }, hidden: ['cpu', 'memory', 'pids'] })
  })

  test('v2: the least on the way up, each from another level; an ancestor that is nearly full leaves little', () => {
    put({
      'proc/self/mountinfo': v2, 'proc/self/cgroup': '0::/a/b/c\n',
      'sys/fs/cgroup/a/cpu.max': '50000 100000\n', 'sys/fs/cgroup/a/b/cpu.max': '80000 100000\n', 'sys/fs/cgroup/a/b/c/cpu.max': 'max 100000\n',
      'sys/fs/cgroup/a/memory.max': '900000\n', 'sys/fs/cgroup/a/memory.current': '890000\n', 'sys/fs/cgroup/a/memory.high': '850000\n',
      'sys/fs/cgroup/a/b/memory.max': '500000\n', 'sys/fs/cgroup/a/b/memory.current': '100000\n',
      'sys/fs/cgroup/a/b/c/memory.max': '700000\n', 'sys/fs/cgroup/a/b/c/memory.current': '50000\n', 'sys/fs/cgroup/a/b/c/memory.high': '860000\n',
      'sys/fs/cgroup/a/b/c/pids.max': '10\n', 'sys/fs/cgroup/a/b/c/pids.current': '4\n',
    })
    expect(limits()).toEqual({
      cpu: { cpus: 0.5, allowed: [0, 1, 2, 3], by: '/sys/fs/cgroup/a/cpu.max' },
      memory: { limitBytes: 500_000, usageBytes: 100_000, availableBytes: 10_000, highBytes: 850_000, by: '/sys/fs/cgroup/a/b/memory.max' },
      pids: { max: 10, current: 4, available: 6, by: '/sys/fs/cgroup/a/b/c/pids.max' },
      hidden: [],
    })
  })

  test('a quota of more than the allowed CPUs does not bind, nor a memory limit of more than there is', () => {
    put({ 'proc/self/mountinfo': v2, 'proc/self/cgroup': '0::/a\n', 'proc/self/status': 'Cpus_allowed_list:\t1-2\n', 'sys/fs/cgroup/a/cpu.max': '300000 100000\n', 'sys/fs/cgroup/a/memory.max': '2097152\n' })
    expect(limits()).toMatchObject({ cpu: { cpus: 2, allowed: [1, 2], by: null }, memory: { limitBytes: MiB, by: null } })
  })

  test('v1: hierarchies with different groups', () => {
    put({
      'proc/7/cgroup': '3:pids:/\n2:memory:/a/b\n1:cpu:/c\n', 'proc/self/mountinfo': v1, 'proc/7/status': 'Cpus_allowed_list:\t0\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', 'sys/fs/cgroup/cpu/c/cpu.cfs_quota_us': '25000\n', 'sys/fs/cgroup/cpu/c/cpu.cfs_period_us': '50000\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n', 'sys/fs/cgroup/memory/a/memory.limit_in_bytes': '65536\n', 'sys/fs/cgroup/memory/a/memory.usage_in_bytes': '4096\n',
      'sys/fs/cgroup/memory/a/b/memory.limit_in_bytes': '9223372036854771712\n', 'sys/fs/cgroup/memory/a/b/memory.stat': 'cache 0\nhierarchical_memory_limit 65536\n',
    })
    expect(limits(7)).toMatchObject({
      cpu: { cpus: 0.5, allowed: [0], by: '/sys/fs/cgroup/cpu/c/cpu.cfs_quota_us' },
      memory: { limitBytes: 65536, usageBytes: 4096, availableBytes: 61440, highBytes: null, by: '/sys/fs/cgroup/memory/a/memory.limit_in_bytes' },
      pids: { max: 1000, by: null },
    })
  })

  test('v1 in a container: the mounted part is the whole way up, and the kernel tells a memory limit above it', () => {
    put({
      'proc/self/cgroup': '2:memory:/docker/x\n1:cpu:/docker/x\n',
      'proc/self/mountinfo': v1.replaceAll(' / /sys', ' /docker/x /sys'),
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '150000\n', 'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n', 'sys/fs/cgroup/memory/memory.stat': 'hierarchical_memory_limit 65536\n',
    })
    expect(limits()).toMatchObject({ cpu: { cpus: 1.5 }, memory: { limitBytes: 65536, usageBytes: null, by: '/sys/fs/cgroup/memory/memory.stat' }, hidden: ['pids'] })
  })

  test('hybrid: the memory of v1, what v1 does not have from v2', () => {
    put({
      'proc/self/cgroup': '2:memory:/m\n0::/u\n', 'proc/self/mountinfo': v1.split('\n')[1] + '\n' + v2.replace('/sys/fs/cgroup', '/sys/fs/cgroup/unified'),
      'sys/fs/cgroup/memory/m/memory.limit_in_bytes': '65536\n', 'sys/fs/cgroup/unified/u/memory.max': '1\n', 'sys/fs/cgroup/unified/u/pids.max': '9\n', 'sys/fs/cgroup/unified/u/cpu.max': '10000 100000\n',
    })
    expect(limits()).toMatchObject({ cpu: { cpus: 0.1 }, memory: { limitBytes: 65536 }, pids: { max: 9 }, hidden: [] })
  })

  test('a cgroup namespace: its root has limits, and a group outside of it is not visible', () => {
    put({ 'proc/self/mountinfo': v2, 'proc/self/cgroup': '0::/\n', 'proc/9/cgroup': '0::/../b\n', 'sys/fs/cgroup/memory.max': '65536\n', 'sys/fs/cgroup/cpu.max': '20000 100000\n' })
    expect(limits()).toMatchObject({ cpu: { cpus: 0.2, by: '/sys/fs/cgroup/cpu.max' }, memory: { limitBytes: 65536 }, hidden: [] })
    expect(limits(9)).toMatchObject({ cpu: { cpus: 4 }, memory: { limitBytes: MiB }, hidden: ['cpu', 'memory', 'pids'] })
  })

  test('files that say nothing bind nothing', () => {
    put({ 'proc/self/mountinfo': v2, 'proc/self/cgroup': '0::/a\n', 'sys/fs/cgroup/a/cpu.max': '', 'sys/fs/cgroup/a/memory.max': 'x\n', 'sys/fs/cgroup/a/pids.max': '\n' })
    expect(limits()).toMatchObject({ cpu: { by: null }, memory: { by: null, limitBytes: MiB }, pids: { by: null, max: 1000 } })
  })

  test('no such process is ENOENT, no PID a RangeError', () => {
    expect(() => limits(12345)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
    for (const pid of [0, -1, 1.5, NaN]) expect(() => limits(pid)).toThrow(new RangeError(`Cannot tell the limits of process ${pid}: not a PID`))
  })
})

// Real machines; kept outside the repository.
const vectors = fileURLToPath(new URL('../../../../shared/vectors/elastic-cgroup/decoded/', import.meta.url))

describe.skipIf(!existsSync(vectors))(`captured machines${existsSync(vectors) ? '' : ': the vectors are not here'}`, () => {
  const none = { cpu: { by: null }, memory: { by: null }, pids: { by: null } }
  test.each<[string, number, object]>([
    ['docker2', 2233801, { ...none, hidden: [] }],
    // A process of another container: only one container's part of the tree is mounted.
    ['docker', 985, { ...none, hidden: ['cpu', 'memory', 'pids'] }],
    ['ubuntu1804', 3757, { ...none, hidden: [] }],
    ['amzn2', 493239, { ...none, memory: { limitBytes: 2 ** 31, usageBytes: 1215860736, by: expect.stringMatching(/cri-containerd-1d3d\w+\.scope\/memory\.limit_in_bytes$/) }, hidden: [] }],
  ])('%s', (name, pid, expected) => {
    // Their mountpoints were rewritten to start with testdata/NAME, without a slash.
    const root = mkdtempSync(join(tmpdir(), 'ctr-test-'))
    try {
      mkdirSync(join(root, 'testdata'))
      symlinkSync(`${vectors}${name}/${name}`, join(root, 'testdata', name))
      symlinkSync(`${vectors}${name}/${name}/proc`, join(root, 'proc'))
      expect(effectiveLimits(pid, { root: `${root}/` })).toMatchObject(expected)
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})
