import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname } from 'node:os'
import { parseMountinfo, hostPid, pidIn, procfs } from '@ctr/procfs'
import { expect, test } from 'vitest'
import { find, groupOf, run, top } from '../src/index.ts'
import { procs, tasks } from '@ctr/cgroup'
import { inside, joined, leavesNothing, next, running } from './inside.ts'

const proc = procfs()
const perl = (script: string) => execFileSync('perl', ['-e', script], { encoding: 'utf8' })

test('the command is process 1 and sees no process but its own', async () => {
  const { stdout } = await inside('echo $$; sleep 100 & ls /proc | grep "^[0-9]" | tr "\\n" " "')
  // The shell, the sleep, ls, grep and tr; the last three may have begun in any order, and not all yet.
  expect(stdout).toMatch(/^1\n1 2 ([3-5] )*$/)
  expect(proc.pids().length).toBeGreaterThan(5)
})

test('the hostname is the container\'s, and changing it changes nothing outside', async () => {
  const before = hostname()
  const { stdout } = await inside('hostname; uname -n; hostname changed; hostname', { name: 'isolation-name', hostname: 'box.example', capAdd: ['SYS_ADMIN'] })
  expect(stdout).toBe('box.example\nbox.example\nchanged\n')
  expect((await inside('hostname; echo $HOSTNAME', { name: 'isolation-name' })).stdout).toBe('isolation-name\nisolation-name\n')
  expect(execFileSync('hostname', { encoding: 'utf8' }).trim()).toBe(before)
})

test('the mounts are the container\'s: the host has none more, and none of the host\'s is inside', async () => {
  const table = () => readFileSync('/proc/self/mountinfo', 'utf8')
  let same = false
  let text = ''
  // Others may mount on this machine too; not each time.
  for (let attempt = 0; attempt < 5 && !same; attempt++) {
    const before = table()
    {
      await using container = await running('cat /proc/self/mountinfo; echo end; mount -t tmpfs mine /mnt && sleep 100', { capAdd: ['SYS_ADMIN'] })
      text = ''
      for (let line = await next(container); line !== 'end'; line = await next(container)) text += `${line}\n`
      await expect.poll(() => parseMountinfo(readFileSync(`/proc/${container.pid}/mountinfo`, 'utf8')).some((mount) => mount.source === 'mine')).toBe(true)
      same = table() === before
    }
    same &&= table() === before
  }
  expect(same).toBe(true)

  const mounts = parseMountinfo(text)
  expect(mounts[0]).toMatchObject({ mountPoint: '/', fsType: 'overlay' })
  // Every one is below a directory that we mount, and of a file system that we make.
  expect(mounts.filter(({ mountPoint }) => !/^\/($|proc|sys|dev)/.test(mountPoint))).toEqual([])
  expect([...new Set(mounts.map(({ fsType }) => fsType))].filter((type) => !['overlay', 'proc', 'sysfs', 'tmpfs', 'cgroup', 'cgroup2', 'devpts', 'mqueue', 'devtmpfs'].includes(type))).toEqual([])
  // The host's device for /dev/null is a mask; of its root file system only the overlay knows.
  expect(mounts.filter(({ fsType, root }) => fsType === 'devtmpfs' && root !== '/null')).toEqual([])
  const root = proc.self.mountinfo().find(({ mountPoint }) => mountPoint === '/')!
  expect(text).not.toContain(` ${root.major}:${root.minor} `)
  expect(mounts.filter(({ shared, master }) => shared !== undefined || master !== undefined)).toEqual([])
})

test('the network is an own one, with nothing but lo, which works', async () => {
  const { stdout } = await inside('grep -c : /proc/net/dev; ls /sys/class/net; cat /proc/net/route | tail -n +2', {})
  expect(stdout).toBe('1\nlo\n')
  const echo = `
    use IO::Socket::INET;
    my $server = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1") or die $!;
    if (fork == 0) { my $c = $server->accept; print $c scalar <$c>; exit }
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $server->sockport) or die $!;
    print $s "ping\\n"; print scalar <$s>;
    print IO::Socket::INET->new(PeerAddr => "192.0.2.1", PeerPort => 9) ? "reached" : $!, "\\n";`
  expect((await inside(`perl -e '${echo}'`)).stdout).toBe('ping\nNetwork is unreachable\n')
})

test('a port on 127.0.0.1 of the host is not reached, nor an abstract socket', async () => {
  const host = () => createServer((socket) => socket.on('error', () => {}).end('host'))
  const server = host().listen(0, '127.0.0.1')
  const abstract = host().listen('\0ctr-isolation-test')
  await Promise.all([server, abstract].map((each) => once(each, 'listening')))
  try {
    const { port } = server.address() as { port: number }
    // An abstract name's padding is part of it, so that the same program must give it.
    const script = `
      for (const to of [${port}, "\\0ctr-isolation-test"])
        net.connect(to, "127.0.0.1").on("error", ({ code }) => console.log(code)).on("data", (data) => console.log(String(data)))`
    const connect = { args: [process.execPath, '-e', script], rootfs: 'host' }
    expect((await run(connect)).stdout).toBe('ECONNREFUSED\nECONNREFUSED\n')
    // That the same reaches them there shows that it looked in the right place.
    expect((await run({ ...connect, network: 'host' })).stdout).toBe('host\nhost\n')
  } finally {
    server.close()
    abstract.close()
  }
})

test('shared memory and message queues of the host are not there, nor the other way round', async () => {
  const key = 0x63747200 + (process.pid & 0xff)
  perl(`defined shmget(${key}, 4096, 01666) or die $!; defined msgget(${key}, 01666) or die $!`)
  try {
    const look = `perl -e 'print defined shmget(${key}, 0, 0) ? "shm" : $!, "\\n", defined msgget(${key}, 0) ? "msg" : $!, "\\n"; shmget(${key} + 256, 4096, 01666); open F, "/proc/sysvipc/shm"; print scalar(() = <F>) - 1'`
    expect((await inside(look)).stdout).toBe('No such file or directory\nNo such file or directory\n1')
    expect(perl(`print defined shmget(${key} + 256, 0, 0) ? "there" : $!`)).toBe('No such file or directory')
  } finally {
    perl(`shmctl(shmget(${key}, 0, 0), 0, 0); msgctl(msgget(${key}, 0), 0, 0)`)
  }
})

test('the control group is the root of what is seen of groups', async () => {
  const { stdout } = await inside('cat /proc/1/cgroup; echo; grep cgroup /proc/self/mountinfo | cut -d" " -f4,5,6', { name: 'isolation-group' })
  const [memberships, mounts] = stdout.split('\n\n')
  const used = ['memory', 'pids', 'freezer', 'cpu', '0'].map((name) => new RegExp(`(^|[:,])${name}([:,])`))
  // In hierarchies that it has no group of its own in, it is where we are; none of them is mounted.
  const own = memberships!.split('\n').filter((line) => used.some((name) => name.test(line.replace(/^\d+:(?=.)/, '')) || line.startsWith('0::')))
  expect(own.length).toBeGreaterThan(0)
  expect(own.filter((line) => !line.endsWith(':/'))).toEqual([])
  expect(stdout).not.toContain('isolation-group')
  for (const line of mounts!.trim().split('\n')) expect(line).toMatch(/^\/ \/sys\/fs\/cgroup\S* r[ow]/)
})

test('the namespaces are others than ours, by inode', async () => {
  await using container = await running('echo; sleep 100')
  const [theirs, ours] = [proc.pid(container.pid).ns(), proc.self.ns()]
  const same = Object.entries(ours).flatMap(([kind, inode]) => (theirs[kind as keyof typeof theirs] === inode ? [kind] : []))
  expect(same).toEqual(['time', 'time_for_children', 'user'])
})

test('the same processes are seen from outside, by other numbers, and the translation goes both ways', async () => {
  await using container = await running('sleep 101 & sleep 102 & echo $! ; wait', { init: true })
  const last = Number(await next(container))
  const record = find(container.name)
  await expect.poll(() => top(record).map(({ command }) => command[0])).toEqual(['init', 'sh', 'sleep', 'sleep'])
  const table = top(record)
  expect(table.map(({ pid }) => pid).sort()).toEqual([...procs(groupOf(record.state))].sort())
  expect(table.map(({ pidInside, command }) => [pidInside, command.join(' ').slice(0, 9)])).toEqual([[1, 'init'], [2, 'sh -c sle'], [3, 'sleep 101'], [4, 'sleep 102']])
  expect(last).toBe(4)

  const namespace = proc.pid(container.pid).namespace('pid')!
  for (const { pid, pidInside } of table) {
    expect(pidIn(proc, pid, namespace)).toBe(pidInside)
    expect(hostPid(proc, { namespace: container.pid, pid: pidInside! })).toBe(pid)
    expect(pid).not.toBe(pidInside)
  }
  // What is inside is all there is in the namespace, and each of them is where PID 1 is.
  expect(proc.inNamespace('pid', namespace).sort()).toEqual(table.map(({ pid }) => pid).sort())
  const parents = Object.fromEntries(table.map(({ pidInside, ppid }) => [pidInside, ppid]))
  expect(parents[1]).toBe(process.pid)
  expect(parents[3]).toBe(hostPid(proc, { namespace, pid: 2 }))

  // The same view by a process that joins: it is one more of them, and its parent is none of theirs.
  const { stdout } = await joined(container, 'echo $PPID; ls /proc | grep "^[0-9]" | head -4 | tr "\\n" " "; cat /proc/3/cmdline | tr "\\0" " "')
  expect(stdout).toBe('0\n1 2 3 4 sleep 101 ')
})

test('a process that is started inside is in the same groups, and so are its threads', async () => {
  await using container = await running(`sleep 103 & ${JSON.stringify(process.execPath)} -e "console.log('ready'); setInterval(() => {}, 1e6)" & wait`)
  await next(container)
  const record = find(container.name)
  const pids = procs(groupOf(record.state))
  expect(pids.length).toBe(3)
  const groups = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  for (const pid of pids) expect(groups(pid)).toBe(groups(container.pid))
  const threads = pids.flatMap((pid) => proc.pid(pid).task().map(({ tid }) => tid))
  expect(threads.length).toBeGreaterThan(5)
  // v1: the file `tasks`; v2: cgroup.threads.
  expect([...tasks(groupOf(record.state))].sort()).toEqual(threads.sort())
})

test('the members of the group are listed inside by their numbers there, and each look has begun in it', async () => {
  const file = 'for f in /sys/fs/cgroup/pids/tasks /sys/fs/cgroup/cgroup.procs; do test -e $f && break; done'
  const { stdout } = await inside(`${file}; cat $f | tr '\\n' ' '; echo; for i in 1 2 3; do read -r _ < /proc/sys/kernel/pid_max; cat $f | tail -n 1; done; ls $(dirname $f)`)
  const [members, ...rest] = stdout.split('\n')
  expect(members).toMatch(/^1 \d+ (\d+ )?$/)
  const looks = rest.slice(0, 3).map(Number)
  expect(looks[0]).toBeGreaterThan(1)
  expect(looks).toEqual([...new Set(looks)].sort((a, b) => a - b))
  expect(rest.slice(3)).toContain('cgroup.procs')
})

test('another container is as far away as the host', async () => {
  await using a = await running('echo shared > /tmp/file; perl -MIO::Socket::INET -e \'$s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1:4711") or die $!; $| = 1; print "ready\\n"; sleep 100\'')
  await next(a)
  await using b = await running('sleep 100', { capAdd: ['SYS_PTRACE', 'KILL'] })
  const outside = top(find(a.name)).map(({ pid }) => pid)
  expect(outside.length).toBe(2)
  const look = `
    for p in ${outside.join(' ')} ${process.pid}; do kill -0 $p 2>&1 | sed 's/.*: //'; ls -d /proc/$p 2> /dev/null; done | grep . | sort -u
    ls /tmp; grep -l perl /proc/[0-9]*/comm
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new("127.0.0.1:4711") ? "reached" : $!'`
  expect((await joined(b, look)).stdout).toBe('No such process\nConnection refused')
  const same = Object.keys(proc.self.ns()).filter((kind) => proc.pid(a.pid).ns()[kind as 'pid'] === proc.pid(b.pid).ns()[kind as 'pid'])
  expect(same).toEqual(['time', 'time_for_children', 'user'])
  // Not by a signal to all of them either.
  await joined(b, 'kill -KILL -1')
  expect(top(find(a.name)).map(({ pid }) => pid)).toEqual(outside)
})

leavesNothing()
