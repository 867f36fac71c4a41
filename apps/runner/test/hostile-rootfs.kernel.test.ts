import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { SyscallError } from '@ctr/syscall'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { run, type ContainerConfig, type Result } from '../src/index.ts'
import { caller } from './caller.ts'
import { joined, leavesNothing, running } from './inside.ts'
import { rootfsDirectory, type RootfsDirectory } from './rootfs-directory.ts'
import { tree } from './tree.ts'

/** A directory of the host that an image tries to reach, and what must stay as it is. */
let host = ''
let rootfs: RootfsDirectory
beforeAll(() => {
  host = mkdtempSync('/var/lib/ctr-host-')
  for (const name of ['pts', 'shm', 'self', 'fs', 'fs/cgroup', 'sys']) mkdirSync(join(host, name))
  for (const name of ['ptmx', 'null', 'passwd', 'group', 'file', 'self/exe', 'kcore', 'timer_list']) writeFileSync(join(host, name), `host ${name}\n`)
})
afterAll(() => rmSync(host, { recursive: true }))
beforeEach(() => { rootfs = rootfsDirectory() })
afterEach(() => rootfs.remove())

/** What no image may change, whatever it is made of. */
const snapshot = () => ({
  host: tree(host), etc: readdirSync('/etc').map((name) => { const { mode, size, mtimeNs } = lstatSync(`/etc/${name}`, { bigint: true }); return `${name} ${mode} ${size} ${mtimeNs}` }),
  pattern: readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), hostname: readFileSync('/proc/sys/kernel/hostname', 'utf8'),
})

/** It either works, inside, or is refused at a call that is named; the host is as it was. */
async function attempt(config: Omit<ContainerConfig, 'rootfs'>): Promise<Result | SyscallError> {
  const before = snapshot()
  const result = await run({ rootfs: rootfs.path, ...config }).catch((error: unknown) => error as Error)
  expect(snapshot()).toEqual(before)
  if (result instanceof SyscallError) expect(result).toMatchObject({ syscall: expect.any(String), index: expect.any(Number), call: expect.any(Object), message: expect.stringContaining('why') })
  else if (result instanceof Error) throw result
  return result as Result | SyscallError
}

/** A path in the image becomes a link. */
function link(to: string, path: string): void {
  rmSync(rootfs.at(path), { recursive: true, force: true })
  symlinkSync(to, rootfs.at(path))
}

/** What the kernel makes of a path does not depend on the version of cgroups; in the guest, whose processor is emulated, a few have to do. */
const guest = process.env['CTR_GUEST'] !== undefined

/** Ways to lead from a path of the image to a directory of the host. */
const ways = (path: string, to = host): [way: string, link: string][] => [
  ['absolute', to],
  ['relative', relative(join(rootfs.path, path, '..'), to)],
  ['upwards', `../../../../../../../../../..${to}`],
  ['through itself', `./../${path.split('/').at(-1)}/..${to}`],
  ['in a loop', `/${path}`],
  ['dangling', '/no/such/place'],
  ['through /proc', `/proc/1/root${to}`],
]

const sh = (script: string) => ['/bin/sh', '-c', script]

test('a directory is a root file system', async () => {
  expect(await attempt({ args: sh('id -u; ls /; cat /etc/passwd | head -1; touch /tmp/x && ls /tmp') })).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^0\nbin\ndev\netc\n[^]*proc\nroot\nsys\ntmp\nvar\nroot:x:0:0:root:\/root:\/bin\/sh\nx\n$/) })
  // It is not copy-on-write: the directory is the container's.
  expect(existsSync(rootfs.at('tmp/x'))).toBe(true)
  expect(await attempt({ args: ['true'], user: 'user' })).toMatchObject({ exitCode: 0 })
  expect(await attempt({ args: sh('id -u; id -G; env'), user: 'user' })).toMatchObject({ stdout: expect.stringMatching(/^1000\n1000\n[^]*HOME=\/\n/) })
  expect(await attempt({ args: sh('touch /x; touch /dev/shm/x && echo yes'), readOnly: true })).toMatchObject({ stdout: 'yes\n', stderr: expect.stringMatching(/Read-only file system/) })
})

test('with nothing in it but a command, it is one too', async () => {
  for (const name of ['dev', 'proc', 'sys', 'etc', 'tmp', 'root', 'var']) rmSync(rootfs.at(name), { recursive: true })
  expect(await attempt({ args: sh('echo $$; ls /proc | head -1; test -c /dev/null && echo null') })).toMatchObject({ exitCode: 0, stdout: '1\n1\nnull\n' })
})

// T-DEV1, T-PROC1: CVE-2026-41579, CVE-2019-19921.
test.each(['dev', 'proc', 'sys'])('/%s that is a link, or a file, is refused', async (name) => {
  for (const [way, to] of ways(name)) {
    link(to, name)
    expect([way, await attempt({ args: sh('echo ran') })]).toEqual([way, expect.objectContaining({ name: 'SyscallError', code: expect.stringMatching(/^(ELOOP|ENOTDIR)$/) })])
  }
  rmSync(rootfs.at(name))
  writeFileSync(rootfs.at(name), '')
  expect(await attempt({ args: sh('echo ran') })).toMatchObject({ name: 'SyscallError', code: 'ENOTDIR' })
  // A link that stays inside is refused as well: what is mounted there must be where it is looked for.
  link('bin', name)
  expect(await attempt({ args: sh('echo ran') })).toMatchObject({ name: 'SyscallError' })
})

test('what is below /dev, /proc and /sys of an image is covered, whatever it is', async () => {
  for (const path of ['dev/pts', 'dev/shm', 'dev/ptmx', 'dev/null', 'dev/mqueue', 'dev/fd', 'proc/kcore', 'proc/timer_list', 'proc/self', 'proc/sys', 'sys/fs', 'sys/firmware']) {
    for (const [, to] of ways(path).slice(0, guest ? 1 : undefined)) {
      link(to, path)
      expect(await attempt({ args: sh('test -c /dev/null && test -d /dev/pts && readlink /dev/ptmx && test -d /proc/1 && test -d /sys/fs/cgroup && readlink /proc/self') })).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^pts\/ptmx\n\d+\n$/) })
    }
  }
})

// T-MASK1: CVE-2025-31133. What covers a path is the host's device, and not what the image calls so.
test('a mask does not come from the image', async () => {
  link('/proc/sys/kernel/core_pattern', 'dev/null')
  const result = await attempt({ args: sh('for f in /proc/timer_list /proc/kcore /proc/keys /proc/interrupts; do test -e $f && cat $f; done; echo x > /dev/null; echo end') })
  expect(result).toMatchObject({ exitCode: 0, stdout: 'end\n' })
  // With a volume in the place of /dev the devices are not ours to make: it is where the mount goes, over ours.
  mkdirSync(join(host, 'volume'))
  symlinkSync('/proc/sys/kernel/core_pattern', join(host, 'volume/null'))
  const volume = await attempt({ args: sh('for f in /proc/timer_list /proc/kcore /proc/keys /proc/interrupts; do test -e $f && cat $f; done; echo end'), mounts: [{ type: 'bind', source: join(host, 'volume'), target: '/dev' }] })
  expect(volume).toMatchObject({ exitCode: 0, stdout: 'end\n' })
})

// T-MNT1
test('the target of a mount stays inside, wherever its path leads', async () => {
  mkdirSync(rootfs.at('mnt'))
  for (const [way, to] of ways('mnt/target')) {
    link(to, 'mnt/target')
    const results = {
      directory: await attempt({ args: sh('ls /mnt/target/'), mounts: [{ type: 'bind', source: join(host, 'self'), target: '/mnt/target' }] }),
      below: await attempt({ args: sh('ls /mnt/target/new'), mounts: [{ type: 'bind', source: join(host, 'self'), target: '/mnt/target/new' }] }),
      file: await attempt({ args: sh('cat /mnt/target'), mounts: [{ type: 'bind', source: join(host, 'file'), target: '/mnt/target' }] }),
      tmpfs: await attempt({ args: sh('touch /mnt/target/x'), mounts: [{ type: 'tmpfs', target: '/mnt/target/deep/er' }] }),
    }
    for (const [what, result] of Object.entries(results)) {
      if (result instanceof SyscallError) expect([way, what, result.code]).toEqual([way, what, expect.stringMatching(/^(ELOOP|ENOENT|ENOTDIR|EEXIST|EINVAL)$/)])
    }
    expect(existsSync(join(host, 'new')) || existsSync(join(host, 'deep'))).toBe(false)
    rmSync(rootfs.at(host), { recursive: true, force: true })
  }
})

test('a link that stays inside is followed', async () => {
  mkdirSync(rootfs.at('var/real'))
  link('/var/real', 'opt')
  const result = await attempt({ args: sh('cat /opt/new/file; cat /var/real/new/file'), mounts: [{ type: 'bind', source: join(host, 'self'), target: '/opt/new' }, { type: 'bind', source: join(host, 'file'), target: '/opt/new2/file' }] })
  expect(result).toMatchObject({ stderr: expect.stringMatching(/No such file/) })
  expect(await attempt({ args: sh('cat /opt/one/file; cat /var/real/one/file'), mounts: [{ type: 'bind', source: join(host, 'file'), target: '/opt/one/file' }] })).toMatchObject({ stdout: 'host file\nhost file\n' })
})

test('a mount on the root, or on /proc, does not get between the container and its isolation', async () => {
  for (const target of ['/..', '/../..', '/.', '//', '/tmp/..', '/proc', '/proc/self', '/sys', '/sys/fs/cgroup', '/proc/sys', '/dev/null']) {
    const before = snapshot()
    const result = await run({ rootfs: rootfs.path, args: sh('echo $$; ls /'), mounts: [{ type: 'bind', source: join(host, 'self'), target }] }).catch((error: unknown) => error as Error)
    expect(snapshot()).toEqual(before)
    if (!(result instanceof Error)) expect([target, result.stdout]).toEqual([target, expect.not.stringMatching(/^(boot|home|media|srv)$/m)])
    else expect([target, result.name]).toEqual([target, expect.stringMatching(/^(SyscallError|TypeError)$/)])
  }
})

// T-PASSWD
test('the users of an image are its own, whatever /etc/passwd is', async () => {
  const id = { args: sh('id -u'), user: 'host-user' }
  writeFileSync(join(host, 'passwd'), 'host-user:x:4242:4242::/:/bin/sh\n')
  for (const path of ['etc/passwd', 'etc/group']) {
    for (const [, to] of ways(path, join(host, 'passwd'))) {
      link(to, path)
      await expect(attempt(id)).rejects.toThrow('no such user')
      expect(await attempt({ args: sh('id -u'), user: '1000:1000' })).toMatchObject({ stdout: '1000\n' })
    }
    link('/proc/self/root/etc/shadow', path)
    await expect(attempt(id)).rejects.toThrow('no such user')
  }
  // A link that stays inside is followed.
  writeFileSync(rootfs.at('etc/real'), 'host-user:x:77:77::/:/bin/sh\n')
  link('/etc/real', 'etc/passwd')
  rmSync(rootfs.at('etc/group'))
  expect(await attempt(id)).toMatchObject({ stdout: '77\n' })
  link(host, 'etc')
  await expect(attempt(id)).rejects.toThrow('no such user')
})

test('/etc/passwd that is no file, or too much of one, is not read', async () => {
  const id = { args: sh('id -u'), user: 'somebody' }
  const replace = (...make: string[]) => {
    rmSync(rootfs.at('etc/passwd'), { recursive: true, force: true })
    execFileSync(make[0]!, [...make.slice(1), rootfs.at('etc/passwd')])
  }
  const before = process.memoryUsage().rss
  // The device is /dev/zero, which would never end.
  for (const make of ['mkfifo $0', 'mknod $0 c 1 5', 'mkdir $0']) {
    replace('sh', '-c', make)
    await expect(attempt(id)).rejects.toThrow('no such user')
    await using container = await running('sleep 100', { rootfs: rootfs.path })
    await expect(joined(container, 'id', { user: 'somebody' })).rejects.toThrow('no such user')
  }
  replace('truncate', '--size=1G')
  await expect(attempt(id)).rejects.toThrow('Cannot read /etc/passwd of the image: it has 1073741824 bytes')
  expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20)
  // A number needs no list.
  expect(await attempt({ args: ['/bin/cat', '/proc/self/status'], user: '7:7' })).toMatchObject({ stdout: expect.stringMatching(/^Uid:\t7\t/m) })
})

// T-CWD1, T-CWD3: CVE-2024-21626, CVE-2026-55686
test('the working directory is inside, wherever its path leads', async () => {
  for (const [way, to] of ways('work')) {
    link(to, 'work')
    for (const cwd of ['/work', '/work/new', '/work/../work/new/er']) {
      const result = await attempt({ args: sh('pwd -P; ls -d /proc/self/cwd/../../../../../../../../bin/busybox /bin'), cwd })
      if (result instanceof SyscallError) expect([way, result.code]).toEqual([way, expect.stringMatching(/^(ELOOP|ENOENT|ENOTDIR|EEXIST)$/)])
      else expect([way, result.stdout.split('\n')[0]]).toEqual([way, expect.stringMatching(/^\//)])
    }
    rmSync(rootfs.at(host), { recursive: true, force: true })
  }
  await using container = await running('sleep 100', { rootfs: rootfs.path })
  link(`/proc/1/root${host}`, 'work')
  await expect(joined(container, 'pwd', { cwd: '/work' })).rejects.toMatchObject({ name: 'SyscallError', code: 'ELOOP' })
})

test('nothing that the caller has open can be reached, by working directory, command or interpreter', async () => {
  const marker = `marker-${process.pid}`
  mkdirSync(join(host, marker))
  for (const fd of [3, 7, 8, 9, 10, 200]) symlinkSync(`/proc/self/fd/${fd}`, rootfs.at(`work${fd}`))
  const before = snapshot()
  const seen = await caller(`
    import { run } from './run.ts'
    const attempt = async (config) => {
      try {
        const { stdout } = await run({ rootfs: ${JSON.stringify(rootfs.path)}, args: ['/bin/sh', '-c', 'ls . .. ../.. ../../.. ../../../..; ls /proc/*/fd/*/ 2> /dev/null'], ...config })
        console.log(stdout)
      } catch (error) { console.log(error.code) }
    }
    for (let fd = 0; fd <= 66; fd += ${guest ? 6 : 1}) {
      await attempt({ cwd: '/proc/self/fd/' + fd })
      if (fd > 10 && fd < ${guest ? 66 : 64}) continue
      await attempt({ cwd: '/proc/self/fd/' + fd + '/..' })
      await attempt({ args: ['/proc/self/fd/' + fd + '/../../../../../bin/ls', '/'] })
    }
    for (const fd of [3, 7, 8, 9, 10, 200]) await attempt({ cwd: '/work' + fd })
    for (const fd of [200, 1000]) await attempt({ cwd: '/proc/self/fd/' + fd })
  `, { shell: `cd ${host}; for fd in {3..66} 200 1000; do eval "exec $fd< ${host}"; done` })
  expect(snapshot()).toEqual(before)
  expect(seen).not.toContain(marker)
  expect(seen).toMatch(/ELOOP|ENOENT/)
})

// T-EXE1: CVE-2019-5736
test('a program whose interpreter is /proc/self/exe does not get hold of what runs it', async () => {
  const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
  const before = hash(process.execPath)
  writeFileSync(rootfs.at('evil'), '#!/proc/self/exe\n')
  chmodSync(rootfs.at('evil'), 0o755)
  for (const init of [false, true]) {
    const result = await attempt({ args: ['/evil'], init })
    // The interpreter of our program, once more: it finds no program.
    if (!(result instanceof SyscallError)) expect(result.exitCode).not.toBe(0)
  }
  await using container = await running(`
    while :; do for p in /proc/[0-9]*/exe; do (: > $p) 2> /dev/null; (echo evil >> $p) 2> /dev/null; done; done`, { rootfs: rootfs.path, init: true })
  for (let i = 0; i < (guest ? 2 : 10); i++) {
    const result = await joined(container, 'true').catch((error: unknown) => error)
    if (result instanceof Error) expect(result).toBeInstanceOf(SyscallError)
  }
  await expect(joined(container, 'true')).resolves.toMatchObject({ exitCode: 0 })
  expect(hash(process.execPath)).toBe(before)
  expect(await attempt({ args: sh('echo works'), init: true })).toMatchObject({ stdout: 'works\n' })
})

// T-PLUGIN: CVE-2019-14271 and others
test('no program or library of an image runs but the command', async () => {
  const marker = join(host, 'marker')
  mkdirSync(marker)
  mkdirSync(rootfs.at('marker'))
  mkdirSync(rootfs.at('sbin'))
  for (const tool of ['nsenter', 'newuidmap', 'mount', 'umount', 'hostname', 'ip', 'init', 'ps', 'getent', 'id']) {
    for (const bin of ['bin', 'sbin']) {
      rmSync(rootfs.at(`${bin}/${tool}`), { force: true })
      writeFileSync(rootfs.at(`${bin}/${tool}`), `#!/bin/sh\necho ${tool} > /marker/${tool}\n`)
      chmodSync(rootfs.at(`${bin}/${tool}`), 0o755)
    }
  }
  await using container = await running('echo; sleep 100', { rootfs: rootfs.path, init: true, user: 'user', mounts: [{ type: 'bind', source: marker, target: '/marker' }] })
  chmodSync(marker, 0o777)
  expect(await joined(container, 'echo joined', { user: 'user' })).toMatchObject({ stdout: 'joined\n' })
  await container.pause()
  await container.unpause()
  container.stats()
  expect(readdirSync(marker)).toEqual([])
  await joined(container, '/bin/id')
  expect(readdirSync(marker)).toEqual(['id'])
})

test('a device in an image opens no device', async () => {
  execFileSync('mknod', ['-m', '666', rootfs.at('zero'), 'c', '1', '5'])
  expect(await attempt({ args: sh('head -c 1 /zero') })).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/Permission denied/) })
  await using container = await running('sleep 100', { rootfs: rootfs.path })
  expect(await joined(container, 'head -c 1 /zero')).toMatchObject({ exitCode: 1 })
})

test('what the command is, is looked for inside', async () => {
  for (const [command, code] of [['no-such', 'ENOENT'], ['/bin/no-such', 'ENOENT'], ['/etc/passwd', 'EACCES'], ['/etc', 'EACCES'], ['../../../../../bin/no-such', 'ENOENT']] as const) {
    expect(await attempt({ args: [command] })).toMatchObject({ name: 'SyscallError', syscall: 'execve', code })
  }
  // A command that is on the host only.
  expect(await attempt({ args: [process.execPath, '-v'] })).toMatchObject({ name: 'SyscallError', code: 'ENOENT' })
  writeFileSync(rootfs.at('script'), '#!/no/interpreter\n')
  chmodSync(rootfs.at('script'), 0o755)
  expect(await attempt({ args: ['/script'] })).toMatchObject({ name: 'SyscallError', code: 'ENOENT' })
})

test('a root file system that is none is refused', async () => {
  await expect(run({ rootfs: '/no/such/directory', args: ['true'] })).rejects.toMatchObject({ name: 'SyscallError', syscall: 'open_tree', code: 'ENOENT' })
  await expect(run({ rootfs: '/etc/passwd', args: ['true'] })).rejects.toMatchObject({ name: 'SyscallError', code: expect.stringMatching(/^(ENOTDIR|EINVAL)$/) })
})

leavesNothing()
