import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultMaskedPaths, defaultReadOnlyPaths } from '@ctr/rootfs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caller } from './caller.ts'
import { inside, joined, leavesNothing, running } from './inside.ts'

// Not in /tmp, which is empty inside.
let folder = ''
beforeAll(() => {
  folder = mkdtempSync('/var/lib/ctr-mounts-')
  chmodSync(folder, 0o755)
  for (const name of ['a', 'a/below', 'b']) mkdirSync(join(folder, name))
  for (const name of ['a/file', 'a/below/file', 'b/file']) writeFileSync(join(folder, name), `${name}\n`)
})
afterAll(() => rmSync(folder, { recursive: true }))
const source = (name: string) => join(folder, name)

test('a read-only root cannot be written to, what is mounted on it can', async () => {
  const { stdout } = await inside('for d in / /etc /tmp /run /usr/bin /root; do touch $d/x; done 2>&1 | sort -u | sed "s/.*: //" | sort | uniq -c; touch /dev/shm/x && echo written; > /dev/null', { readOnly: true })
  expect(stdout.replace(/^ +/, '')).toBe('6 Read-only file system\nwritten\n')
  expect((await inside('mount -o remount,rw / 2>&1 || mount -o remount,rw,bind / 2>&1; touch /x', { readOnly: true })).exitCode).not.toBe(0)
})

test('with a read-only root, tmpfs and binds are what can be written', async () => {
  const { stdout, stderr } = await inside('echo 1 > /tmp/x && echo 2 > /srv/new/x && cat /tmp/x; stat -c "%a" /tmp; stat -f -c %b%s /var/cache; cat /srv/new/x', {
    readOnly: true, mounts: [{ type: 'tmpfs', target: '/tmp', mode: 0o1777 }, { type: 'tmpfs', target: '/var/cache', sizeBytes: 1 << 20 }, { type: 'bind', source: source('b'), target: '/srv/new' }],
  })
  expect(stderr).toBe('')
  expect(stdout).toBe('1\n1777\n2564096\n2\n')
  expect(readFileSync(source('b/x'), 'utf8')).toBe('2\n')
})

test('what tells about the host is masked', async () => {
  const there = defaultMaskedPaths.filter((path) => existsSync(path))
  const file = there.find((path) => statSync(path).isFile())!
  // A file is empty, a directory is, and neither can be changed, uncovered or told to be.
  const { stdout } = await inside(`for p in ${there.join(' ')}; do
    if [ -d $p ]; then ls -A $p; touch $p/x 2>/dev/null && echo $p; else cat $p; chmod 777 $p 2>/dev/null && echo $p; fi; umount $p 2>/dev/null && echo $p
  done; stat -c "%F %t:%T" ${file}`)
  expect(stdout).toBe('character special file 1:3\n')
})

test('what changes the host is read-only: parameters of the kernel, /sys, groups', async () => {
  const paths = defaultReadOnlyPaths.filter((path) => existsSync(path))
  const { stdout } = await inside(`for p in ${paths.join(' ')} /sys /sys/fs/cgroup; do
    f=$(test -f $p && echo $p || find $p -type f -perm -200 2>/dev/null | head -1); test -z "$f" || { { cat $f || :; } > /tmp/was 2>/dev/null; sh -c "echo > $f" 2>&1 | sed "s/.*: //"; }
  done | sort | uniq -c`, { capAdd: ['NET_ADMIN'] })
  expect(stdout).toMatch(/^ *\d+ Read-only file system\n$/)
  expect(Number(stdout.trim().split(' ')[0])).toBeGreaterThanOrEqual(3)
  const was = readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
  expect((await inside('echo x > /proc/sys/kernel/core_pattern')).stderr).toMatch(/Read-only file system/)
  expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(was)
  expect((await inside('touch /sys/fs/cgroup/x; mkdir /sys/fs/cgroup/x', {})).stderr).toMatch(/Read-only file system.*\n.*Read-only file system/)
})

test('a bind can be written to, and its source has it', async () => {
  expect((await inside('cat /srv/file; echo new > /srv/written; rm /srv/gone', { mounts: [{ type: 'bind', source: source('a'), target: '/srv' }] })).stdout).toBe('a/file\n')
  expect(readFileSync(source('a/written'), 'utf8')).toBe('new\n')
})

test('a read-only bind cannot, nor can a mount below its source', async () => {
  execFileSync('mount', ['-t', 'tmpfs', 'below', source('a/below')])
  try {
    writeFileSync(source('a/below/in-mount'), 'in mount\n')
    const script = 'cat /srv/below/in-mount; touch /srv/x; touch /srv/below/x; mount -o remount,bind,rw /srv; touch /srv/x'
    const bind = { type: 'bind', source: source('a'), target: '/srv' } as const
    const { stdout, stderr } = await inside(script, { mounts: [{ ...bind, readOnly: true }] })
    expect(stdout).toBe('in mount\n')
    expect(stderr.match(/Read-only file system/g)).toHaveLength(3)
    expect(existsSync(source('a/x')) || existsSync(source('a/below/x'))).toBe(false)
    expect((await inside('touch /srv/below/x', { mounts: [bind] })).exitCode).toBe(0)
    expect(existsSync(source('a/below/x'))).toBe(true)
    // Unmounting inside is not unmounting outside.
    expect((await inside('umount /srv/below && umount /srv', { mounts: [bind], capAdd: ['SYS_ADMIN'] })).exitCode).toBe(0)
    expect(existsSync(source('a/below/in-mount'))).toBe(true)
  } finally {
    execFileSync('umount', [source('a/below')])
  }
})

test('a mount that is made on the host later does not come into the container', async () => {
  await using container = await running('sleep 100', { mounts: [{ type: 'bind', source: source('a'), target: '/srv' }] })
  execFileSync('mount', ['-t', 'tmpfs', 'later', source('a/below')])
  try {
    writeFileSync(source('a/below/later'), '')
    expect((await joined(container, 'ls /srv/below')).stdout).toBe('file\n')
  } finally {
    execFileSync('umount', [source('a/below')])
  }
})

// T-PROP
test('where all mounts of the host are shared, none of the container gets out', async () => {
  const seen = await caller(`
    import { readFileSync } from 'node:fs'
    import { start } from './start.ts'
    const table = () => readFileSync('/proc/self/mountinfo', 'utf8')
    const before = table()
    const container = await start({ rootfs: 'host', args: ['sh', '-c', 'mount -t tmpfs inner /srv && echo mounted; sleep 100'], capAdd: ['SYS_ADMIN'], mounts: [{ type: 'bind', source: '/usr', target: '/srv' }, { type: 'tmpfs', target: '/mnt/x' }] })
    await new Promise((resolve) => container.stdout.once('data', (data) => { process.stdout.write(data); resolve() }))
    console.log(/ shared:/.test(before), table() === before, / (shared|master):/.test(readFileSync('/proc/' + container.pid + '/mountinfo', 'utf8')))
    container.kill()
    await container.exited
    console.log(table() === before)
  `, { shell: 'set -- unshare --mount --propagation private sh -c \'mount --make-rshared /; exec "$@"\' sh "$@"' })
  expect(seen).toBe('mounted\ntrue true false\ntrue\n')
})

test('a file is mounted on a file, a directory on a directory, and both are made where they are missing', async () => {
  const { stdout } = await inside('cat /etc/hostname; cat /new/deep/file; cat /new/dir/file; ls /new', {
    mounts: [
      { type: 'bind', source: source('a/file'), target: '/etc/hostname' },
      { type: 'bind', source: source('b/file'), target: '/new/deep/file' },
      { type: 'bind', source: source('b'), target: '/new/dir' },
    ],
  })
  expect(stdout).toBe('a/file\nb/file\nb/file\ndeep\ndir\n')
  expect(existsSync('/new')).toBe(false)
})

test('a socket and a device can be bind sources', async () => {
  const socket = source('socket')
  const { createServer } = await import('node:net')
  const server = createServer((client) => client.on('error', () => {}).end('from the host\n')).listen(socket)
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    const { stdout } = await inside('test -c /mnt/zero && head -c 3 /mnt/zero | od -An -c; perl -MIO::Socket::UNIX -e \'$s = IO::Socket::UNIX->new("/mnt/socket") or die $!; print <$s>\'', {
      mounts: [{ type: 'bind', source: '/dev/zero', target: '/mnt/zero' }, { type: 'bind', source: socket, target: '/mnt/socket' }],
    })
    expect(stdout).toBe('  \\0  \\0  \\0\nfrom the host\n')
  } finally {
    server.close()
  }
})

test('mounts within mounts come out right in any order', async () => {
  const mounts = [
    { type: 'tmpfs', target: '/mnt/outer' }, { type: 'bind', source: source('a'), target: '/mnt/outer/a' },
    { type: 'bind', source: source('b/file'), target: '/mnt/outer/a/below/file' }, { type: 'tmpfs', target: '/mnt/outer/t' },
  ] as const
  const orders = [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]]
  for (const order of orders) {
    const { stdout } = await inside('ls /mnt/outer; cat /mnt/outer/a/file /mnt/outer/a/below/file', { mounts: order.map((i) => mounts[i]!) })
    expect(stdout).toBe('a\nt\na/file\nb/file\n')
  }
})

test('the source of one mount is the host\'s, also where another is mounted inside', async () => {
  // The second source is a path that the first hides inside: it must be taken before.
  const { stdout } = await inside(`cat ${source('b/file')} /mnt/file`, {
    mounts: [{ type: 'bind', source: source('a'), target: source('b') }, { type: 'bind', source: source('b'), target: '/mnt' }],
  })
  expect(stdout).toBe('a/file\nb/file\n')
})

test('a source that is a symbolic link is where it leads, on the host', async () => {
  symlinkSync(source('a'), source('link'))
  expect((await inside('cat /srv/file', { mounts: [{ type: 'bind', source: source('link'), target: '/srv' }] })).stdout).toBe('a/file\n')
})

test('what cannot be mounted is refused, with the call', async () => {
  await expect(inside('true', { mounts: [{ type: 'bind', source: source('missing'), target: '/srv' }] })).rejects.toMatchObject({ name: 'SyscallError', code: 'ENOENT', syscall: 'open_tree', path: source('missing') })
  await expect(inside('true', { mounts: [{ type: 'bind', source: source('a/file'), target: '/etc' }] })).rejects.toMatchObject({ name: 'SyscallError', code: 'EINVAL', syscall: 'move_mount' })
  await expect(inside('true', { mounts: [{ type: 'bind', source: source('a'), target: '/etc/passwd' }] })).rejects.toMatchObject({ name: 'SyscallError', code: 'ENOTDIR' })
  await expect(inside('true', { mounts: [{ type: 'tmpfs', target: '/' }] })).rejects.toThrow(TypeError)
  await expect(inside('true', { mounts: [{ type: 'tmpfs', target: '/mnt', options: ['no-such-option'] }] })).rejects.toMatchObject({ name: 'SyscallError', code: 'EINVAL' })
})

test('nothing that is written to the host\'s files inside is written back', async () => {
  const passwd = readFileSync('/etc/passwd', 'utf8')
  const file = source('kept')
  writeFileSync(file, 'kept')
  const before = readdirSync('/etc')
  const { stdout } = await inside(`
    echo changed >> /etc/passwd; tail -1 /etc/passwd; rm ${file}; ls ${file} 2>&1 | sed 's/.*: //'; echo > /etc/ctr-new; rm -rf /usr/share/doc; chmod 700 /usr; chown 1 /etc; mv /etc/hosts /etc/moved
    stat -c %a /usr; ls /usr/share/doc 2>&1 | wc -l`)
  expect(stdout).toBe('changed\nNo such file or directory\n700\n1\n')
  expect(readFileSync('/etc/passwd', 'utf8')).toBe(passwd)
  expect(readFileSync(file, 'utf8')).toBe('kept')
  expect(readdirSync('/etc')).toEqual(before)
  expect(statSync('/usr').mode & 0o777).toBe(0o755)
  expect(statSync('/etc').uid).toBe(0)
  expect(existsSync('/usr/share/doc')).toBe(true)
})

test('/tmp and /run are empty, and of no other container', async () => {
  await using container = await running('touch /tmp/mine /run/mine; ls -A /tmp /run; sleep 100')
  expect((await inside('ls -A /tmp /run; stat -c %a /tmp /run')).stdout).toBe('/run:\n\n/tmp:\n1777\n755\n')
  await expect.poll(async () => (await joined(container, 'ls -A /tmp')).stdout).toBe('mine\n')
  expect(existsSync('/tmp/mine')).toBe(false)
})

test('the devices are those of every container', async () => {
  const { stdout } = await inside('ls /dev; echo x > /dev/null; head -c 2 /dev/zero | wc -c; head -c 2 /dev/urandom | wc -c; echo out > /dev/stdout; echo x > /dev/full; stat -c "%a" /dev/shm /dev/ptmx /dev/null')
  expect(stdout).toBe('fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n2\n2\nout\n1777\n777\n666\n')
})

leavesNothing()
