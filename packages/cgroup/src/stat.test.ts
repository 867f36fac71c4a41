import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { cpuStat } from './cpu-stat.ts'
import { parseFlatKeyed, parseLimit } from './flat-keyed.ts'
import { memoryStat, oomKillsOf, type ReadFile } from './memory-stat.ts'
import { pidsStat } from './pids-stat.ts'
import { processorStat } from './processor-stat.ts'

const of = (files: Record<string, string>): ReadFile => (file) => files[file]

describe('memoryStat', () => {
  test('v2', () => {
    const files = {
      'memory.current': '1048576\n', 'memory.peak': '2097152\n', 'memory.max': 'max\n', 'memory.swap.current': '4096\n',
      'memory.stat': 'anon 100\nfile 200\npgmajfault 3\n', 'memory.events': 'low 0\nhigh 0\nmax 7\noom 1\noom_kill 2\noom_group_kill 0\n',
    }
    expect(memoryStat(2, of(files))).toEqual({ usageBytes: 1048576, peakBytes: 2097152, limitBytes: null, swapBytes: 4096, anonBytes: 100, fileBytes: 200, limitHits: 7, oomKills: 2, majorFaults: 3 })
    expect(oomKillsOf(2, of(files))).toBe(2)
  })

  test('v1: total_ counts the groups below, memory.stat rss is anonymous memory', () => {
    const files = {
      'memory.usage_in_bytes': '1048576\n', 'memory.max_usage_in_bytes': '2097152\n', 'memory.limit_in_bytes': '9223372036854771712\n', 'memory.failcnt': '4\n', 'memory.memsw.failcnt': '3\n',
      'memory.stat': 'cache 1\nrss 2\ntotal_cache 200\ntotal_rss 100\ntotal_swap 4096\ntotal_pgmajfault 3\n', 'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2\n',
    }
    expect(memoryStat(1, of(files))).toEqual({ usageBytes: 1048576, peakBytes: 2097152, limitBytes: null, swapBytes: 4096, anonBytes: 100, fileBytes: 200, limitHits: 7, oomKills: 2, majorFaults: 3 })
    expect(oomKillsOf(1, of(files))).toBe(2)
  })

  test('what the kernel does not tell is absent, not 0', () => {
    expect(memoryStat(2, of({ 'memory.current': '5\n' }))).toEqual({ usageBytes: 5, limitBytes: null })
    expect(memoryStat(2, of({}))).toBeUndefined()
    expect(oomKillsOf(2, of({}))).toBeUndefined()
  })
})

describe('cpuStat', () => {
  test('v2 files are in microseconds, v1 in nanoseconds; both come out in nanoseconds', () => {
    expect(cpuStat(2, of({ 'cpu.stat': 'usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 5\nnr_throttled 4\nthrottled_usec 3\n' })))
      .toEqual({ usageNanos: 30000, userNanos: 20000, systemNanos: 10000, periods: 5, throttledPeriods: 4, throttledNanos: 3000 })
    expect(cpuStat(1, of({ 'cpu.stat': 'nr_periods 5\nnr_throttled 4\nthrottled_time 3000\n', 'cpuacct.usage': '30000\n', 'cpuacct.usage_user': '20000\n', 'cpuacct.usage_sys': '10000\n' })))
      .toEqual({ usageNanos: 30000, userNanos: 20000, systemNanos: 10000, periods: 5, throttledPeriods: 4, throttledNanos: 3000 })
  })

  test('v2 without the cpu controller still counts time', () => {
    expect(cpuStat(2, of({ 'cpu.stat': 'usage_usec 30\nuser_usec 20\nsystem_usec 10\n' }))).toEqual({ usageNanos: 30000, userNanos: 20000, systemNanos: 10000 })
  })
})

describe('pidsStat', () => {
  test('refused forks are the max event', () => {
    expect(pidsStat(of({ 'pids.current': '3\n', 'pids.max': 'max\n', 'pids.events': 'max 9\n' }))).toEqual({ current: 3, max: null, refused: 9 })
    expect(pidsStat(of({ 'pids.current': '3\n', 'pids.max': '4\n', 'pids.peak': '4\n' }))).toEqual({ current: 3, max: 4, peak: 4 })
    expect(pidsStat(of({}))).toBeUndefined()
  })
})

describe('processorStat', () => {
  const usage = '11347245225103 0 11458981666621 \n'

  test('both files go through the processors in one order, which need not begin at 0 or have no gaps', () => {
    expect(processorStat(of({ 'cpuacct.usage_percpu': usage, 'cpuacct.usage_all': 'cpu user system\n1 9264709689601 2023254613164\n2 0 0\n5 9289487690580 2118241051527\n' }))).toEqual({
      1: { usageNanos: 11347245225103, userNanos: 9264709689601, systemNanos: 2023254613164 },
      2: { usageNanos: 0, userNanos: 0, systemNanos: 0 },
      5: { usageNanos: 11458981666621, userNanos: 9289487690580, systemNanos: 2118241051527 },
    })
  })

  test('user and system time are absent where the kernel does not tell', () => {
    expect(processorStat(of({ 'cpuacct.usage_percpu': usage }))).toEqual({ 0: { usageNanos: 11347245225103 }, 1: { usageNanos: 0 }, 2: { usageNanos: 11458981666621 } })
    expect(processorStat(of({}))).toBeUndefined()
  })
})

describe('flat keyed files', () => {
  test('lines that are no pair are left out', () => {
    expect(parseFlatKeyed('a 1\n\nb x\nc\n d 2\ne 3')).toEqual({ a: 1, e: 3 })
  })

  test('no limit has four spellings', () => {
    // 4 KiB and 64 KiB pages.
    expect(['max\n', '-1\n', '9223372036854771712\n', '9223372036854710272\n', '4096\n', undefined].map(parseLimit)).toEqual([null, null, null, null, 4096, undefined])
  })
})

// Real groups; kept outside the repository.
const vectors = new URL('../../../../shared/vectors/elastic-cgroup/decoded/', import.meta.url)

describe.skipIf(!existsSync(vectors))(`captured groups${existsSync(vectors) ? '' : ': the vectors are not here'}`, () => {
  const reader = (...directories: string[]): ReadFile => (file) => {
    const found = directories.map((directory) => new URL(`${directory}/${file}`, vectors)).find((url) => existsSync(url))
    return found && readFileSync(found, 'utf8')
  }
  const id = 'b29faf21b7eff959f64b4192c34d5d67a707fe8561e9eaa608cb27693fba4242'
  const v1 = reader(...['memory', 'cpu', 'cpuacct'].map((name) => `docker/docker/sys/fs/cgroup/${name}/docker/${id}`))
  const v2 = reader('docker/docker/sys/fs/cgroup/system.slice/docker-1c8fa019edd4b9d4b2856f4932c55929c5c118c808ed5faee9a135ca6e84b039.scope')

  test('v1', () => {
    expect([memoryStat(1, v1), cpuStat(1, v1)]).toMatchInlineSnapshot(`
      [
        {
          "anonBytes": 230662144,
          "fileBytes": 65101824,
          "limitBytes": null,
          "limitHits": 0,
          "majorFaults": 166,
          "peakBytes": 298532864,
          "swapBytes": 0,
          "usageBytes": 295997440,
        },
        {
          "periods": 769021,
          "throttledNanos": 352597023453,
          "throttledPeriods": 1046,
          "usageNanos": 95996653175,
        },
      ]
    `)
  })

  test('v2', () => {
    expect([memoryStat(2, v2), cpuStat(2, v2), pidsStat(v2)]).toMatchInlineSnapshot(`
      [
        {
          "anonBytes": 411045888,
          "fileBytes": 0,
          "limitBytes": null,
          "limitHits": 2,
          "majorFaults": 0,
          "oomKills": 1,
          "swapBytes": 0,
          "usageBytes": 9125888,
        },
        {
          "periods": 1,
          "systemNanos": 5793060316000,
          "throttledNanos": 10000,
          "throttledPeriods": 4,
          "usageNanos": 26772130245000,
          "userNanos": 20979069928000,
        },
        undefined,
      ]
    `)
  })
})
