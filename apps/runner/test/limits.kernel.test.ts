import { readFileSync } from 'node:fs'
import { procs } from '@ctr/cgroup'
import { procfs } from '@ctr/procfs'
import { expect, test } from 'vitest'
import { find, groupOf, stats } from '../src/index.ts'
import { inside, joined, leavesNothing, next, running, untilInit } from './inside.ts'

const MiB = 2 ** 20
const delay = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))
const spin = 'while :; do :; done'

type Running = Awaited<ReturnType<typeof running>>

/** CPU time used per time gone by. */
async function share(container: Running, seconds: number): Promise<number> {
  const read = () => [container.stats().cpu!.usageNanos!, process.hrtime.bigint()] as const
  const [usage, time] = read()
  await delay(seconds * 1000)
  const [laterUsage, laterTime] = read()
  return (laterUsage - usage) / Number(laterTime - time)
}

/** Forks 20 processes that stay, and prints how many it was refused, and why. */
const fork20 = `perl -e 'for (1..20) { my $pid = fork; if (!defined $pid) { $refused++; $why = $! } elsif (!$pid) { close STDOUT; sleep 100; exit } }
  $| = 1; print $refused + 0, " $why\\n"; sleep 100'`

test('a fork beyond the pids limit is refused, and counted', async () => {
  // PID 1 is the shell: perl and its children have nine places.
  await using container = await running(`${fork20}; :`, { limits: { pidsMax: 10 } })
  const [refused, ...why] = (await next(container)).split(' ')
  expect(why.join(' ')).toBe('Resource temporarily unavailable')
  expect(Number(refused)).toBe(12)
  expect(container.stats().pids).toMatchObject({ current: 10, max: 10, refused: 12 })
  expect(stats(find(container.name)).pids).toEqual(container.stats().pids)
})

test('what is joined by exec counts too, and is limited too', async () => {
  await using container = await running(`${fork20}; :`, { limits: { pidsMax: 30 } })
  expect(await next(container)).toBe('0 ')
  expect(container.stats().pids).toMatchObject({ current: 22, refused: 0 })
  const { stdout } = await joined(container, `${fork20.replaceAll('sleep 100', 'sleep 1')}; :`)
  // The shell and perl are two of the eight.
  expect(stdout).toMatch(/^14 Resource temporarily unavailable/)
  expect(container.stats().pids).toMatchObject({ max: 30, refused: 14 })
})

test('with one process there can be no pipeline', async () => {
  expect(await inside('echo $(cat /etc/hostname 1>&2)', { limits: { pidsMax: 1 } })).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/Cannot fork/) })
  // What PID 1 executes in its own place is no new process.
  expect(await inside('exec cat /proc/self/comm', { limits: { pidsMax: 1 } })).toMatchObject({ exitCode: 0, stdout: 'cat\n' })
})

test('init is one of those that count', async () => {
  expect(await inside(`${untilInit} echo $$; exec cat /proc/1/comm`, { init: true, limits: { pidsMax: 2 } })).toMatchObject({ stdout: '2\ninit\n' })
  await expect(inside('echo', { init: true, limits: { pidsMax: 1 } })).rejects.toMatchObject({ name: 'SyscallError', syscall: 'clone3', code: 'EAGAIN' })
})

/** Takes memory as fast as it can, until it is killed. */
const eat = 'tail /dev/zero'
const memory = { memoryBytes: 24 * MiB, memorySwapBytes: 24 * MiB }

test('a container that is killed for memory says so, with peak and limit', async () => {
  const { exitCode, signal, reason } = await inside(`exec ${eat}`, { limits: memory })
  expect({ exitCode, signal, reason }).toMatchObject({ exitCode: 137, signal: 'SIGKILL', reason: { kind: 'oom', limitBytes: 24 * MiB } })
  const peak = reason?.kind === 'oom' ? reason.peakBytes : 0
  expect(peak).toBeGreaterThan(16 * MiB)
  expect(peak).toBeLessThanOrEqual(24 * MiB)
})

test('so does one whose child was killed, and that ends as the child did', async () => {
  for (const init of [false, true]) {
    const result = await inside(`${eat}; status=$?; echo $status; exit $status`, { limits: memory, init })
    expect(result).toMatchObject({ exitCode: 137, signal: null, stdout: '137\n', reason: { kind: 'oom', limitBytes: 24 * MiB } })
  }
  // That a child was killed is not why a container ended well.
  expect(await inside(`${eat}; echo $?`, { limits: memory })).toMatchObject({ exitCode: 0, stdout: '137\n' })
})

test('what is killed for another reason is not out of memory', async () => {
  expect(await inside('kill -KILL $$; exec sh -c "sleep 0.01; exit 137"', { limits: memory })).not.toHaveProperty('reason')
})

test('ten that eat memory have no more of it than one', async () => {
  const one = `perl -e '$x = "x" x (10 * 2 ** 20); sleep 100'`
  await using container = await running(`for i in 1 2 3 4 5 6 7 8 9 10; do ${one} & done 2> /dev/null; echo; wait; echo ended; sleep 100`, { limits: memory })
  await next(container)
  await expect.poll(() => container.stats().memory!.oomKills).toBeGreaterThanOrEqual(7)
  const { usageBytes, peakBytes, limitBytes } = container.stats().memory!
  expect(limitBytes).toBe(24 * MiB)
  expect(peakBytes ?? usageBytes).toBeLessThanOrEqual(24 * MiB)
  expect(procs(groupOf(find(container.name).state)).length).toBeLessThanOrEqual(5)
})

test('files in a tmpfs count as memory', async () => {
  expect(await inside('head -c 50M /dev/zero > /dev/shm/file', { limits: memory })).toMatchObject({ exitCode: 137, reason: { kind: 'oom' } })
})

test('a fifth of a CPU is a fifth of a CPU, for one process and for ten', async () => {
  for (const count of [1, 10]) {
    await using container = await running(`${Array(count).fill(`(${spin}) &`).join(' ')} echo; wait`, { limits: { cpus: 0.2 } })
    await next(container)
    await delay(500)
    let measured = 0
    // Less is possible where others want the processors too; more never.
    for (let attempt = 0; attempt < 8 && measured < 0.2 * 0.85; attempt++) {
      measured = await share(container, 1.5)
      expect(measured).toBeLessThan(0.2 * 1.25)
    }
    expect(measured).toBeGreaterThan(0.2 * 0.85)
    const { periods, throttledPeriods, throttledNanos } = container.stats().cpu!
    expect(throttledPeriods).toBeGreaterThan(10)
    expect(throttledPeriods).toBeLessThanOrEqual(periods!)
    expect(throttledNanos).toBeGreaterThan(5e8)
  }
})

test('a process that joins shares the fifth', async () => {
  await using container = await running(`(${spin}) & echo; wait`, { limits: { cpus: 0.2 } })
  await next(container)
  const joining = joined(container, `timeout 4 sh -c '${spin}'`)
  await delay(1000)
  const measured = await share(container, 2.5)
  expect(measured).toBeLessThan(0.2 * 1.25)
  await joining
})

test('a paused container uses no CPU time, and goes on afterwards', async () => {
  await using container = await running(`(${spin}) & (${spin}) & echo; wait`)
  await next(container)
  expect(await share(container, 0.5)).toBeGreaterThan(0.01)
  await container.pause()
  expect(find(container.name).status).toBe('paused')
  const before = container.stats().cpu!.usageNanos!
  await delay(500)
  expect(container.stats().cpu!.usageNanos! - before).toBeLessThan(1e6)
  await container.unpause()
  expect(find(container.name).status).toBe('running')
  expect(await share(container, 0.5)).toBeGreaterThan(0.01)
})

test('a container is kept to the processors it was given, and so is what joins it', async () => {
  await using container = await running('grep Cpus_allowed_list /proc/self/status; sleep 100', { limits: { cpusetCpus: '0' } })
  expect(await next(container)).toBe('Cpus_allowed_list:\t0')
  expect((await joined(container, 'nproc')).stdout).toBe('1\n')
  expect(procfs().pid(container.pid).status().cpusAllowedList).toEqual([0])
})

test('without limits there are none, and everything is counted all the same', async () => {
  await using container = await running('sleep 100 & sleep 100 & echo; wait')
  await next(container)
  const { memory, cpu, pids } = container.stats()
  expect(memory).toMatchObject({ limitBytes: null, oomKills: 0 })
  expect(memory!.usageBytes).toBeGreaterThan(0)
  expect(cpu!.usageNanos).toBeGreaterThan(0)
  await expect.poll(() => container.stats().pids).toMatchObject({ current: 3, max: null, refused: 0 })
  expect(pids!.max).toBeNull()
})

test('the group shows the limits inside, where programs look for them, and they cannot be changed there', async () => {
  const { stdout } = await inside(`
    file=$(ls /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2> /dev/null); cat $file
    echo 1000000000 > $file; mkdir /sys/fs/cgroup/sub /sys/fs/cgroup/memory/sub`, { limits: { memoryBytes: 32 * MiB } }, { stdio: ['ignore', 'pipe', 'pipe'] })
  expect(stdout).toBe(`${32 * MiB}\n`)
})

test('limits are in force before the command runs', async () => {
  const { stdout } = await inside('cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max 2> /dev/null; cat /proc/self/cgroup', { limits: { pidsMax: 7 } })
  expect(stdout).toMatch(/^7\n/)
  expect(stdout).not.toContain(readFileSync('/proc/self/cgroup', 'utf8').split('\n').find((line) => /\bpids\b/.test(line) && !line.endsWith(':/')) ?? 'nothing of ours')
})

leavesNothing()
