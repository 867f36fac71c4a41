import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, readlinkSync, renameSync, rmdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { explain, sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { openPidfd, readable } from './pidfd.ts'
import { spawn, spawnPlan, type SpawnOptions } from './spawn.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { next, node } from '../test/node-script.ts'

// What child_process has not: each is looked at from inside.

const folder = mkdtempSync(join(tmpdir(), 'spawn-more-'))
afterAll(() => rmSync(folder, { recursive: true }))
const alive = (pid: number) => existsSync(`/proc/${pid}`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))

/** What a shell script prints, on either output. */
async function inside(script: string, options: SpawnOptions = {}): Promise<string> {
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (out += chunk))
  await once(child, 'close')
  return out
}

test('namespaces: its PID is 1, and its host PID is known when it has spawned', async () => {
  const before = await census()
  const child = spawn('sh', ['-c', 'echo $$; hostname inside; hostname; cat /proc/self/ns/uts 2>&-; read line'], { namespaces: ['CLONE_NEWPID', 'CLONE_NEWUTS', 'CLONE_NEWNS'] })
  let out = ''
  child.stdout!.on('data', (chunk) => (out += chunk))
  await once(child, 'spawn')
  expect(readFileSync(`/proc/${child.pid}/status`, 'latin1')).toMatch(new RegExp(`NSpid:\\s+${child.pid}\\s+1\\n`))
  expect(readlinkSync(`/proc/${child.pid}/ns/uts`)).not.toBe(readlinkSync('/proc/self/ns/uts'))
  child.stdin!.end()
  await once(child, 'close')
  expect(out).toBe('1\ninside\n')
  await expectNothingLeft(before)
})

test('killed on the way to its namespaces, it is gone, and can be asked about', async () => {
  const before = await census()
  const child = spawn('sleep', ['1000'], { namespaces: ['CLONE_NEWUTS'], stage: [sys.clock_nanosleep('CLOCK_MONOTONIC', { tv_sec: 1000, tv_nsec: 0 }, 'the signal comes before clone3')] })
  expect(child.kill('SIGKILL')).toBe(true)
  await once(child, 'exit')
  expect({ signal: child.signalCode, killed: child.kill('SIGKILL'), there: child.kill(0) }).toEqual({ signal: 'SIGKILL', killed: false, there: false })
  await expectNothingLeft(before)
})

// Half a second here: what was sent while the kernel was making the process is for that process.
test('killed at any moment, it is gone', async () => {
  const before = await census()
  for (let round = 0; round < 60; round++) {
    const child = spawn('sleep', ['1000'], { namespaces: ['CLONE_NEWUTS'], stdio: 'ignore' })
    const end = performance.now() + round * 0.1
    while (performance.now() < end);
    expect(child.kill('SIGKILL')).toBe(true)
    await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
  }
  await expectNothingLeft(before)
})

test('more calls of its own', async () => {
  expect(await inside('hostname', { namespaces: ['CLONE_NEWUTS'], calls: [sys.sethostname('called', 'the test looks at it')] })).toBe('called\n')
})

test('a user namespace with IDs', async () => {
  expect(await inside('id -u; cat /proc/self/uid_map', { namespaces: ['CLONE_NEWUSER'], idMaps: { uid: [[0, 1000, 1]], gid: [[0, 1000, 1]] }, uid: 0, gid: 0 })).toMatch(/^0\n +0 +1000 +1\n$/)
})

const unified = readFileSync('/proc/self/mountinfo', 'latin1').split('\n').find((line) => / - cgroup2 /.test(line))?.split(' ')[4]
test.skipIf(unified === undefined)('a cgroup (needs a mounted cgroup v2 hierarchy)', async () => {
  const cgroup = `${unified}/ctr-spawn-${process.pid}`
  mkdirSync(cgroup)
  try {
    expect(await inside('grep ^0:: /proc/self/cgroup', { cgroup })).toBe(`0::/ctr-spawn-${process.pid}\n`)
  } finally {
    await expect.poll(() => rmdirSync(cgroup), { timeout: 20_000 }).toBeUndefined()
  }
})

test('a pidfd, and what it has used', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  expect(readFileSync(`/proc/self/fdinfo/${child.pidfd}`, 'utf8')).toContain(`Pid:\t${child.pid}\n`)
  const own = openPidfd(child.pid!)
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await readable(own)
  closeSync(own)
  await closed
  expect(child.pidfd).toBe(-1)
  expect(child.usage!.maxRssBytes).toBeGreaterThan(100_000)
})

test('a wait for a descriptor can be given up, and begun again', async () => {
  const { eventfd } = perform([sys.eventfd2(0, ['EFD_CLOEXEC', 'EFD_NONBLOCK'], { as: 'eventfd', why: 'somebody waits for it' })]).fds as { readonly eventfd: number }
  onTestFinished(() => closeSync(eventfd))
  const gone = AbortSignal.abort(new Error('too late'))
  await expect(readable(eventfd, { signal: gone })).rejects.toThrow('too late')
  const end = new AbortController()
  const waiting = expect(readable(eventfd, { signal: end.signal })).rejects.toThrow('no more')
  end.abort(new Error('no more'))
  await waiting
  const again = readable(eventfd, { signal: new AbortController().signal })
  writeSync(eventfd, new Uint8Array(BigUint64Array.of(3n).buffer))
  await again
})

test('limits', async () => {
  const limits = await inside('cat /proc/self/limits', { rlimits: { RLIMIT_NOFILE: [64, 128], RLIMIT_CORE: 0, RLIMIT_STACK: [1 << 20, 'RLIM64_INFINITY'] } })
  expect(limits).toMatch(/^Max open files +64 +128 +files/m)
  expect(limits).toMatch(/^Max core file size +0 +0 +bytes/m)
  expect(limits).toMatch(/^Max stack size +1048576 +unlimited +bytes/m)
})

test('nice, policy and processors', async () => {
  const own = Number(readFileSync('/proc/self/stat', 'latin1').split(') ')[1]!.split(' ')[16])
  expect(await inside('nice', { nice: Math.min(19, own + 3) })).toBe(`${Math.min(19, own + 3)}\n`)
  expect(await inside('chrt -p $$', { scheduler: { policy: 'SCHED_BATCH', flags: ['SCHED_FLAG_RESET_ON_FORK'] } })).toContain('policy: SCHED_BATCH|SCHED_RESET_ON_FORK\n')
  expect(await inside('chrt -p $$', { scheduler: { policy: 'SCHED_IDLE' } })).toContain('policy: SCHED_IDLE\n')
  const [, first] = /Cpus_allowed_list:\t(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))!
  expect(await inside('grep Cpus_allowed_list /proc/self/status', { affinity: [Number(first)] })).toBe(`Cpus_allowed_list:\t${first}\n`)
})

test('input and output priority, umask, process group', async () => {
  expect(await inside('ionice -p $$', { ioPriority: { class: 'IOPRIO_CLASS_IDLE' } })).toBe('idle\n')
  expect(await inside('ionice -p $$', { ioPriority: { class: 'IOPRIO_CLASS_BE', level: 6 } })).toBe('best-effort: prio 6\n')
  expect(await inside('umask', { umask: 0o137 })).toBe('0137\n')
  expect(await inside('[ $(ps -o pgid= -p $$) = $$ ] && [ $(ps -o sid= -p $$) != $$ ] && echo own', { processGroup: 0 })).toBe('own\n')
  const leader = spawn('sleep', ['60'], { stdio: 'ignore', processGroup: 0 })
  await once(leader, 'spawn')
  expect((await inside('ps -o pgid= -p $$', { processGroup: leader.pid! })).trim()).toBe(String(leader.pid))
  leader.kill()
  await once(leader, 'close')
})

test('a user with groups', async () => {
  expect(await inside('id -u; id -g; id -G', { uid: 1000, gid: 1001, groups: [1001, 7, 5], cwd: '/' })).toBe('1000\n1001\n1001 5 7\n')
})

test('the directory that was opened, whatever it is called by now', async () => {
  mkdirSync(join(folder, 'before'))
  const cwd = openSync(join(folder, 'before'), 'r')
  renameSync(join(folder, 'before'), join(folder, 'after'))
  mkdirSync(join(folder, 'before'))
  expect(await inside('readlink /proc/self/cwd; ls /proc/self/fd | wc -l', { cwd })).toBe(`${join(folder, 'after')}\n4\n`)
  closeSync(cwd)
})

test('descriptors at chosen numbers, and none in between', async () => {
  writeFileSync(join(folder, 'file'), 'in the file\n')
  const file = openSync(join(folder, 'file'), 'r')
  const stdio = Array.from({ length: 12 }, (_, i) => (i === 1 ? 'pipe' : i === 5 || i === 11 ? file : 'ignore') as 'pipe')
  // The last is the directory that ls itself reads.
  expect(await inside('exec ls /proc/self/fd', { stdio })).toBe('0\n1\n11\n2\n3\n5\n')
  expect(await inside('cat <&5', { stdio })).toBe('in the file\n')
  closeSync(file)
})

test('a terminal: its own, with a size, job control and ^C', async () => {
  const before = await census()
  const child = spawn('sh', ['-c', 'tty; stty size; [ $(ps -o tpgid= -p $$) = $$ ] && echo foreground; trap "stty size; exit 7" WINCH; echo ready; while :; do sleep 0.1; done'], { terminal: { columns: 101, rows: 37 } })
  let out = ''
  child.stdout!.on('data', (chunk) => (out += chunk))
  await expect.poll(() => out, { timeout: 20_000 }).toContain('ready')
  expect(out.replaceAll('\r', '')).toMatch(/^\/dev\/pts\/\d+\n37 101\nforeground\nready\n$/)
  child.resize({ columns: 60, rows: 20 })
  expect(await once(child, 'close')).toEqual([7, null])
  expect(out).toContain('20 60')
  const interrupted = spawn('sleep', ['60'], { terminal: { columns: 80, rows: 24 } })
  await once(interrupted, 'spawn')
  interrupted.stdin!.write('\x03')
  expect(await once(interrupted, 'close')).toEqual([null, 'SIGINT'])
  await expectNothingLeft(before)
})

test('it ends with its parent, by life line', async () => {
  const { child, lines, ended } = await node(`
    import { spawn } from './spawn.ts'
    const child = spawn('sleep', ['300'], { stdio: 'ignore', endsWithParent: true })
    child.on('spawn', () => console.log(child.pid))`)
  const pid = Number(await next(lines))
  expect(alive(pid)).toBe(true)
  child.kill('SIGKILL')
  await ended
  await expect.poll(() => alive(pid), { timeout: 20_000, interval: 10 }).toBe(false)
})

test('a parent-death signal comes with the death of the thread that started it; the life line only with that of Node', async () => {
  const { child, lines } = await node(`
    import { isMainThread, parentPort, Worker } from 'node:worker_threads'
    import { once } from 'node:events'
    import { fileURLToPath } from 'node:url'
    import { spawn } from './spawn.ts'
    if (isMainThread) {
      const worker = new Worker(fileURLToPath(import.meta.url))
      const [pids] = await once(worker, 'message')
      await worker.terminate()
      console.log(pids.join(' '))
      setInterval(() => {}, 1e6)
    } else {
      const children = [spawn('sleep', ['300'], { stdio: 'ignore', parentDeathSignal: 'SIGTERM' }), spawn('sleep', ['300'], { stdio: 'ignore', endsWithParent: true })]
      await Promise.all(children.map((each) => once(each, 'spawn')))
      parentPort.postMessage(children.map(({ pid }) => pid))
      setInterval(() => {}, 1e6)
    }`)
  const [signalled, tied] = (await next(lines)).split(' ').map(Number) as [number, number]
  await expect.poll(() => alive(signalled), { timeout: 20_000, interval: 10 }).toBe(false)
  expect(alive(tied)).toBe(true)
  child.kill('SIGKILL')
  await expect.poll(() => alive(tied), { timeout: 20_000, interval: 10 }).toBe(false)
})

test.each<[string, SpawnOptions, string, RegExp]>([
  ['EINVAL', { affinity: [8000] }, 'a processor that is not there', /^sched_setaffinity\(/],
  ['EINVAL', { scheduler: { policy: 'SCHED_OTHER', priority: 1 } }, 'a priority that is none of the policy', /^sched_setattr\(/],
  ['EPERM', { processGroup: 1 }, 'a process group of another session', /^setpgid\(0, 1\)/],
  ['EPERM', { uid: 1000, rlimits: { RLIMIT_NOFILE: [1, 2 ** 40] } }, 'a limit above fs.nr_open', /^prlimit64\(/],
  ['ENOTDIR', { cwd: '/etc/passwd' }, 'a file as the directory', /^chdir\(/],
])('%s: %o, %s, is an error event that says so', async (code, options, _said, cause) => {
  const before = await census()
  const child = spawn('true', [], options)
  const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException]
  expect(error).toMatchObject({ code, syscall: 'spawn true' })
  expect((error.cause as Error).message).toMatch(cause)
  expect(child.pid).toBeUndefined()
  await expectNothingLeft(before)
})

test('a parent that has died already is found out', async () => {
  // Whoever started it is not process 1.
  const child = spawn('true', [], { calls: [sys.getppid({ why: 'the test has another parent', returns: 1 })] })
  const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ESHORT')
})

test('what will be made can be read before', () => {
  const { program, open } = spawnPlan('/bin/true', ['x'], { detached: true, umask: 0o22, cwd: '/', env: { A: '1' } })
  expect(explain(program.slice(-4), { open, why: false })).toEqual(['setsid()', 'umask(022)', 'chdir("/")', 'execve("/bin/true", ["/bin/true", "x"], ["A=1"])'])
})
