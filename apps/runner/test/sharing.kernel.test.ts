import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { procs } from '@ctr/cgroup'
import { procfs } from '@ctr/procfs'
import { expect, test } from 'vitest'
import { find, groupOf, start, stop, top } from '../src/index.ts'
import { inside, joined, leavesNothing, next, running } from './inside.ts'

const proc = procfs()
const perl = (script: string) => execFileSync('perl', ['-e', script], { encoding: 'utf8' })
const shared = (pid: number) => {
  const [theirs, ours] = [proc.pid(pid).ns(), proc.self.ns()]
  return Object.keys(ours).filter((kind) => theirs[kind as keyof typeof theirs] === ours[kind as keyof typeof ours])
}

test.each([
  ['pid', ['pid', 'pid_for_children']], ['network', ['net']], ['ipc', ['ipc']], ['uts', ['uts']],
] as const)('%s: host shares that namespace and no other', async (option, kinds) => {
  await using container = await running('echo; sleep 100', { [option]: 'host' })
  await next(container)
  expect(shared(container.pid)).toEqual([...kinds, 'time', 'time_for_children', 'user'].sort())
  // What joins is in the same ones.
  expect((await joined(container, 'readlink /proc/self/ns/pid /proc/self/ns/net /proc/self/ns/ipc /proc/self/ns/uts')).stdout)
    .toBe((['pid', 'net', 'ipc', 'uts'] as const).map((kind) => `${kind}:[${proc.pid(container.pid).namespace(kind)}]\n`).join(''))
})

test('all four at once', async () => {
  await using container = await running('echo; sleep 100', { pid: 'host', network: 'host', ipc: 'host', uts: 'host' })
  await next(container)
  expect(Object.keys(proc.self.ns()).filter((kind) => !shared(container.pid).includes(kind))).toEqual(['cgroup', 'mnt'])
})

test('pid: host sees every process, by its number outside', async () => {
  const other = spawn('sleep', ['60'])
  try {
    const { stdout } = await inside(`echo $$; cat /proc/${other.pid}/comm; kill -0 ${other.pid} && echo reached; cat /proc/$$/comm`, { pid: 'host', capAdd: ['KILL'] })
    const [pid, ...rest] = stdout.trim().split('\n')
    expect(Number(pid)).toBeGreaterThan(1)
    expect(rest).toEqual(['sleep', 'reached', 'sh'])
  } finally {
    other.kill('SIGKILL')
  }
})

test('pid: host has no PID 1 of its own, and yet nothing of it is left when its command ends', async () => {
  const script = 'setsid sleep 100 & sleep 100 & sleep 0.1; echo $!'
  for (const end of [async () => {}, async (name: string) => { await stop(find(name)) }, async (name: string) => { process.kill(find(name).state.process!.pid, 'SIGKILL') }]) {
    const container = await running(`${script}; ${end.length === 0 ? 'exit 3' : 'sleep 100'}`, { pid: 'host' })
    const pid = Number(await next(container))
    const record = find(container.name)
    expect(top(record).map(({ pidInside }) => pidInside).every((inside) => inside === undefined)).toBe(true)
    const pids = procs(groupOf(record.state))
    if (end.length === 0) expect(await container.exited).toMatchObject({ exitCode: 3 })
    else {
      await end(container.name)
      expect((await container.exited).exitCode).toBeGreaterThan(128)
    }
    expect([pid, ...pids].filter((each) => existsSync(`/proc/${each}/exe`))).toEqual([])
  }
})

test('pid: host with init ends as the command does', async () => {
  const container = await running('setsid sleep 100 & echo $!; sleep 0.1; exit 9', { pid: 'host', init: true })
  const pid = Number(await next(container))
  expect(await container.exited).toMatchObject({ exitCode: 9 })
  expect(existsSync(`/proc/${pid}/exe`)).toBe(false)
})

test('network: host has the interfaces, sockets and ports of the host', async () => {
  const { stdout } = await inside('cat /proc/net/dev; ls /sys/class/net', { network: 'host' })
  const names = (text: string) => text.split('\n').flatMap((line) => /^ *(\S+):/.exec(line)?.[1] ?? []).sort()
  expect(names(stdout)).toEqual(names(readFileSync('/proc/net/dev', 'utf8')))
  const { createServer } = await import('node:net')
  const server = createServer((socket) => socket.on('error', () => {}).end('host\n')).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    const connect = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new("127.0.0.1:${(server.address() as { port: number }).port}") or die $!; print <$s>'`
    expect((await inside(connect, { network: 'host' })).stdout).toBe('host\n')
  } finally {
    server.close()
  }
})

test('ipc: host has the shared memory of the host', async () => {
  const key = 0x63747300 + (process.pid & 0xff)
  perl(`defined shmget(${key}, 4096, 01666) or die $!`)
  try {
    const look = `perl -e 'print defined shmget(${key}, 0, 0) ? "shm" : $!'`
    expect((await inside(look, { ipc: 'host' })).stdout).toBe('shm')
    expect((await inside(look)).stdout).toBe('No such file or directory')
    // The queues would be the host's, so they are not mounted.
    expect((await inside('ls -d /dev/mqueue; ls -d /dev/shm', { ipc: 'host' })).stdout).toBe('/dev/shm\n')
  } finally {
    perl(`shmctl(shmget(${key}, 0, 0), 0, 0)`)
  }
})

test('uts: host has the hostname of the host, which it may not change', async () => {
  const { stdout, stderr } = await inside('hostname; echo ${HOSTNAME-none}; hostname other', { uts: 'host' })
  expect(stdout).toBe(`${hostname()}\nnone\n`)
  expect(stderr).not.toBe('')
  expect(execFileSync('hostname', { encoding: 'utf8' }).trim()).toBe(hostname())
  await expect(start({ rootfs: 'host', args: ['true'], uts: 'host', hostname: 'other' })).rejects.toThrow(TypeError)
})

leavesNothing()
