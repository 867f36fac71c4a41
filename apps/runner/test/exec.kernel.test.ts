import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseStatus } from '@ctr/caps'
import { procs } from '@ctr/cgroup'
import { procfs } from '@ctr/procfs'
import { expect, test } from 'vitest'
import { exec, find, groupOf, NotRunningError, PausedError, remove, run, start } from '../src/index.ts'
import { patience } from './ctrun.ts'
import { inside, joined, leavesNothing, lines, next, running, text, untilInit } from './inside.ts'

const proc = procfs()
const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex')

test('a command sees what the container sees', async () => {
  await using container = await running('echo in the container > /tmp/file; echo; sleep 100', { hostname: 'box', cwd: '/usr', env: { A: 'of the container', B: 'kept' }, readOnly: false })
  await next(container)
  const { stdout, exitCode } = await joined(container, 'cat /tmp/file; hostname; pwd; echo $A $B $HOSTNAME; cat /proc/1/comm; ls /sys/class/net', { env: { A: 'of the command' } })
  expect(stdout).toBe('in the container\nbox\n/usr\nof the command kept box\nsh\nlo\n')
  expect(exitCode).toBe(0)
  // And the container sees it.
  const process = await exec(find(container.name), { args: ['sleep', '31'] })
  expect((await joined(container, 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')).stdout).toContain('sleep 31')
  process.kill('SIGKILL')
  await process.exited
})

test('it is in all namespaces and groups of the container, and in no other', async () => {
  await using container = await running('sleep 100')
  const process = await exec(find(container.name), { args: ['sleep', '100'] })
  const [theirs, its] = [proc.pid(container.pid), proc.pid(process.pid)]
  expect(its.ns()).toEqual(theirs.ns())
  expect(its.read('cgroup')).toBe(theirs.read('cgroup'))
  expect(procs(groupOf(find(container.name).state))).toContain(process.pid)
  expect(its.root()).toBe('/')
  expect(its.read('mountinfo')).toBe(theirs.read('mountinfo'))
  // It does not live longer than the container.
  container.kill()
  expect(await process.exited).toEqual({ exitCode: 137, signal: 'SIGKILL' })
})

test('user, groups, home, working directory', async () => {
  await using container = await running('sleep 100')
  const ids = 'id -u; id -g; id -G; echo $HOME; pwd'
  expect((await joined(container, ids)).stdout).toBe('0\n0\n0\n/root\n/\n')
  expect((await joined(container, ids, { user: 'daemon', cwd: '/usr/../etc' })).stdout).toBe('1\n1\n1\n/usr/sbin\n/etc\n')
  expect((await joined(container, ids, { user: '1234:4321' })).stdout).toBe('1234\n4321\n4321\n/\n/\n')
  await expect(joined(container, ids, { user: 'nobody-of-this-name' })).rejects.toThrow('no such user')
  await expect(joined(container, ids, { cwd: '/missing' })).rejects.toMatchObject({ name: 'SyscallError', code: 'ENOENT' })
  await expect(joined(container, ids, { cwd: '/etc/passwd' })).rejects.toMatchObject({ name: 'SyscallError', code: 'ENOTDIR' })
  await expect(joined(container, ids, { cwd: '/proc/self/fd/0' })).rejects.toMatchObject({ name: 'SyscallError', code: 'ELOOP' })
})

test('exit codes are the command\'s, 128 and the signal', async () => {
  await using container = await running('sleep 100')
  for (const code of [0, 1, 42, 255]) expect(await joined(container, `exit ${code}`)).toMatchObject({ exitCode: code, signal: null })
  expect(await joined(container, 'kill -SEGV $$')).toMatchObject({ exitCode: 139, signal: 'SIGSEGV' })
  await expect(exec(find(container.name), { args: ['no-such-command'] })).rejects.toMatchObject({ code: 'ENOENT', syscall: 'execve' })
  await expect(exec(find(container.name), { args: ['/etc/passwd'] })).rejects.toMatchObject({ code: 'EACCES', syscall: 'execve' })
  // The container is as it was.
  expect((await joined(container, 'ls /proc | grep -c "^[0-9]"')).stdout).toMatch(/^[45]\n$/)
})

test('the same for the container itself', async () => {
  for (const init of [false, true]) {
    for (const code of [0, 42, 255]) expect(await inside(`exit ${code}`, { init })).toMatchObject({ exitCode: code, signal: null })
    await expect(run({ rootfs: 'host', args: ['no-such-command'], init })).rejects.toMatchObject({ code: 'ENOENT', syscall: 'execve' })
    await expect(run({ rootfs: 'host', args: ['/etc/passwd'], init })).rejects.toMatchObject({ code: 'EACCES', syscall: 'execve' })
    await expect(run({ rootfs: 'host', args: ['/etc'], init })).rejects.toMatchObject({ code: 'EACCES', syscall: 'execve' })
  }
  expect(await inside('kill -SEGV $$', { init: true })).toMatchObject({ exitCode: 139 })
})

test('signals reach the command', async () => {
  await using container = await running('sleep 100')
  const command = async (script: string) => {
    const process = await exec(find(container.name), { args: ['sh', '-c', script] })
    const from = lines(process.stdout!)
    expect((await from.next()).value).toBe('ready')
    return { process, from }
  }
  const { process, from } = await command('trap "echo got usr1" USR1; trap "echo got term; exit 7" TERM; echo ready; while :; do sleep 0.05; done')
  expect(process.kill('SIGUSR1')).toBe(true)
  expect((await from.next()).value).toBe('got usr1')
  process.kill('SIGTERM')
  expect((await from.next()).value).toBe('got term')
  expect(await process.exited).toEqual({ exitCode: 7, signal: null })
  expect(await from.next()).toMatchObject({ done: true })
  expect(process.kill('SIGTERM')).toBe(false)
  // It is no PID 1: what it does not handle ends it.
  const other = await command('echo ready; exec sleep 100')
  other.process.kill('SIGINT')
  expect(await other.process.exited).toEqual({ exitCode: 130, signal: 'SIGINT' })
})

test('stdin, stdout and stderr are apart, and any bytes pass', async () => {
  await using container = await running('sleep 100')
  const every = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, i) => i)), randomBytes(100_000)])
  const process = await exec(find(container.name), { args: ['sh', '-c', 'tee /dev/stderr'] }, { stdio: ['pipe', 'pipe', 'pipe'] })
  process.stdin!.end(every)
  const read = async (stream: Readable) => Buffer.concat(await stream.toArray())
  const [out, err] = await Promise.all([read(process.stdout!), read(process.stderr!), process.exited])
  expect(out.equals(every)).toBe(true)
  expect(err.equals(every)).toBe(true)

  // Without stdin there is none, instead of ours.
  expect((await joined(container, 'cat; readlink /proc/self/fd/0')).stdout).toBe('/dev/null\n')
  expect((await joined(container, 'echo out; echo err >&2'))).toMatchObject({ stdout: 'out\n', stderr: 'err\n' })
})

test('arguments and variables are passed as they are', async () => {
  await using container = await running('sleep 100')
  const strange = ['', ' ', 'a b', '"$HOME"', '\n', '\\', '*', 'é🚀', '--', '-x']
  const args = ['sh', '-c', 'for a; do printf "%s|" "$a"; done; printf "%s" "$V"', 'sh', ...strange]
  const expected = `${strange.join('|')}|${strange.join('=')}`
  const env = { V: strange.join('=') }
  expect((await run({ rootfs: 'host', args, env })).stdout).toBe(expected)
  expect(await text((await exec(find(container.name), { args, env })).stdout)).toBe(expected)
})

test('a command that joins has the limits, capabilities and read-only paths of the container', async () => {
  await using container = await running('sleep 100', { readOnly: true, capDrop: ['ALL'], noNewPrivileges: true, ulimits: { nofile: [123, 456] } })
  const { stdout, stderr } = await joined(container, 'ulimit -n; ulimit -Hn; touch /x; echo 1 > /proc/sys/kernel/pid_max; cat /proc/self/status')
  expect(stdout).toMatch(/^123\n456\n/)
  expect(stderr.match(/Read-only file system/g)).toHaveLength(2)
  expect(parseStatus(stdout)).toMatchObject({ bounding: [], permitted: [], noNewPrivs: true })
})

test('several join at once', async () => {
  await using container = await running('sleep 100', { init: true })
  const results = await Promise.all(Array.from({ length: 8 }, (_, i) => joined(container, `${untilInit} echo ${i}; cat /proc/1/comm`)))
  expect(results.map(({ stdout }) => stdout)).toEqual(results.map((_, i) => `${i}\ninit\n`))
})

test('what is paused is not joined, as that would take until it goes on', async () => {
  await using container = await running('sleep 100')
  await container.pause()
  await expect(exec(find(container.name), { args: ['true'] })).rejects.toThrow(PausedError)
  await container.unpause()
  expect(await joined(container, 'echo joined')).toMatchObject({ stdout: 'joined\n' })
})

test('a container that ends while it is joined takes the command with it, or has ended before', async () => {
  for (let i = 0; i < 20; i++) {
    const container = await running('sleep 100', { init: i % 2 === 0 })
    const record = find(container.name)
    const joining = exec(record, { args: ['sleep', '100'], tty: i % 4 < 2 }, { stdio: 'ignore' })
    await new Promise((resolve) => setTimeout(resolve, i))
    container.kill()
    const [result] = await Promise.allSettled([joining, container.exited])
    if (result.status === 'rejected') expect(['NotRunningError', 'SyscallError', 'CgroupError', 'SpawnError', 'ProcessVanishedError']).toContain((result.reason as Error).name)
    else {
      expect(await result.value.exited).toMatchObject({ exitCode: 137 })
      result.value.stdout?.destroy()
    }
  }
})

test('what has ended is not joined', async () => {
  const container = await running('sleep 100', { remove: false })
  const record = find(container.name)
  container.kill()
  await container.exited
  await expect(exec(record, { args: ['true'] })).rejects.toThrow(NotRunningError)
  await expect(exec(find(container.name), { args: ['true'] })).rejects.toThrow(NotRunningError)
  await remove(find(container.name))
})

/** What the container finds of any process but PID 1, while another one joins it and waits at every step. */
async function sightOfJoining(capAdd: readonly string[]): Promise<string[]> {
  await using container = await running(`
    echo; while :; do for p in /proc/[2-9]* /proc/1?*; do readlink $p/exe $p/cwd $p/root $p/fd/*; done; done 2> /dev/null | grep -v -e "^pipe:" -e "^/proc/"`, { capAdd })
  await next(container)
  const seen = new Set<string>()
  let looking = true
  const ended = (async () => { for await (const line of container.lines) if (looking) seen.add(line) })().catch(() => {})
  const process = await exec(find(container.name), { args: ['sleep', '100'] }, { stdio: 'ignore', step: () => new Promise((resolve) => setTimeout(resolve, 20)) })
  await expect.poll(() => [...seen], { timeout: 20_000 * patience }).toContain('/usr/bin/sleep')
  process.kill('SIGKILL')
  await process.exited
  looking = false
  container.kill()
  await ended
  // Its own programs, and the one that was executed.
  return [...seen].filter((path) => !['/', '/dev/null', '/usr/bin/readlink', '/usr/bin/grep', '/usr/bin/dash', '/usr/bin/sh', '/usr/bin/sleep'].includes(path))
}

// T-FD1: CVE-2016-9962
test('what a joining process has open is never in sight, at no step', async () => {
  expect(await sightOfJoining([])).toEqual([])
  // Whoever may trace all processes sees it (support.md); that shows that there is something to be seen.
  expect(await sightOfJoining(['SYS_PTRACE'])).toContain('/memfd:ctr (deleted)')
})

// The processor of the guest is emulated.
const megabytes = process.env['CTR_GUEST'] === undefined ? 100 : 20

test('100 MB through a container from stdin to stdout stay what they are', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ctr-exec-'))
  const chunk = randomBytes(1 << 20)
  const data = Buffer.concat(Array.from({ length: megabytes }, (_, i) => { chunk.writeUInt32LE(i); return Buffer.from(chunk) }))
  writeFileSync(join(folder, 'in'), data)
  const [input, output] = [openSync(join(folder, 'in'), 'r'), openSync(join(folder, 'out'), 'w')]
  try {
    expect(await run({ rootfs: 'host', args: ['sh', '-c', 'cat | cat'] }, { stdio: [input, output, 'pipe'] })).toMatchObject({ exitCode: 0, stdout: '', stderr: '' })
    expect(sha256(readFileSync(join(folder, 'out')))).toBe(sha256(data))
    // Descriptors that were given are not closed.
    closeSync(input)
    closeSync(output)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Sends bytes in, and reads them back; what it took of our memory at the most. */
async function through(stdin: Writable, stdout: Readable) {
  const [sent, received] = [createHash('sha256'), createHash('sha256')]
  const chunk = randomBytes(1 << 20)
  const start = process.memoryUsage()
  let [bytes, most] = [0, 0]
  async function* source() {
    for (let i = 0; i < megabytes; i++) {
      chunk.writeUInt32LE(i)
      sent.update(chunk)
      yield Buffer.from(chunk)
    }
  }
  await Promise.all([pipeline(source, stdin), (async () => {
    for await (const part of stdout as AsyncIterable<Buffer>) {
      bytes += part.length
      received.update(part)
      most = Math.max(most, process.memoryUsage().rss - start.rss)
    }
  })()])
  return { bytes, same: sent.digest('hex') === received.digest('hex'), most }
}

test('a command that reads to the end ends, where nobody can write to it', async () => {
  expect(await run({ rootfs: 'host', args: ['sh', '-c', 'cat; echo end'] }, { stdio: 'pipe' })).toMatchObject({ exitCode: 0, stdout: 'end\n' })
})

test('as streams they do not gather in our memory', async () => {
  const container = await start({ rootfs: 'host', args: ['cat'] }, { stdio: ['pipe', 'pipe', 'inherit'] })
  const { bytes, same, most } = await through(container.stdin!, container.stdout!)
  expect({ bytes, same, ...(await container.exited) }).toEqual({ bytes: megabytes << 20, same: true, exitCode: 0, signal: null })
  expect(most).toBeLessThan(64 << 20)

  await using other = await running('sleep 100')
  const joining = await exec(find(other.name), { args: ['cat'] }, { stdio: ['pipe', 'pipe', 'inherit'] })
  const result = await through(joining.stdin!, joining.stdout!)
  expect({ bytes: result.bytes, same: result.same, ...(await joining.exited) }).toEqual({ bytes: megabytes << 20, same: true, exitCode: 0, signal: null })
  expect(result.most).toBeLessThan(64 << 20)
})

test('a reader that is slow stops the writer, and one that goes ends it', async () => {
  const container = await start({ rootfs: 'host', args: ['cat', '/dev/zero'] })
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(container.stdout!.readableLength).toBeLessThan(1 << 20)
  container.stdout!.destroy()
  // PID 1 is sent no SIGPIPE (signal(7) says what it has no handler for is dropped), but write(2) fails all the same.
  expect(await text(container.stderr)).toBe('cat: write error: Broken pipe\n')
  expect(await container.exited).toMatchObject({ exitCode: 1 })
})

leavesNothing()
