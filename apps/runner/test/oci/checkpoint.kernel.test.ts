import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stat } from '@ctr/cgroup'
import { messageSockets } from '@ctr/launch/terminal'
import { parseMountinfo } from '@ctr/procfs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkpoint } from '../../src/oci/lifecycle/checkpoint.ts'
import { restore } from '../../src/oci/lifecycle/restore.ts'
import { OciStore } from '../../src/oci/state/oci-store.ts'
import { TerminalStreams } from '../../src/terminal.ts'
import { until } from '../ctrun.ts'
import { containers } from './group.ts'
import { ended, groupsOf, hasBusybox } from './oci.ts'

const MiB = 2 ** 20
const criu = spawnSync('criu', ['check'], { stdio: 'ignore' })
/** Debian's CRIU works with Debian's kernel, which the guest has; a kernel that is much newer it does not know. */
const reason = !hasBusybox ? 'needs busybox' : criu.status === 0 ? false : 'needs CRIU, and a kernel that it knows'

/** Counts in memory, and writes the numbers to a file that it has open. */
const counting = 'exec 5>/tmp/count; n=0; while :; do n=$((n+1)); echo $n >&5; sleep 0.1; done'

/** What the container has, but for what another file system of its kind has otherwise: the kernel's numbers. */
const mountsOf = (pid: number) => parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))
  .map(({ mountPoint, options, fsType, root }) => [mountPoint, fsType, root, options.filter((each) => each !== 'relatime').sort().join(',')].join(' ')).sort()

/** What its processes may do, and to whom else they belong. */
const rightsOf = (pid: number) => readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').filter((line) => /^(Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp|Seccomp_filters|Umask|NSpid):/.test(line)).map((line) => line.replace(/^(NSpid:).*\t/, '$1'))

// In the guest: about a minute and a half, beside other work of the machine.
describe.skipIf(reason)(`a container that was written to files${reason ? ` (${reason})` : ''}`, () => {
  const { made, bundles } = containers()
  const count = () => readFileSync(join(bundles().rootfs, 'tmp/count'), 'utf8').trim().split('\n').map(Number)

  test('goes on where it was, as it was: memory, files, mounts, masks, limits; hooks are run as by runc', async () => {
    const [directory, images] = [bundles().directory, join(bundles().directory, 'images')]
    const shared = ['one', 'two'].map((name) => join(directory, name))
    for (const path of shared) mkdirSync(path, { recursive: true })
    const hooks = join(directory, 'hooks')
    const hook = (kind: string) => [{ path: '/bin/sh', args: ['sh', '-c', `echo ${kind} $(grep -o '"status":"[a-z]*"') >> ${hooks}`], env: ['PATH=/bin:/usr/bin'] }]
    const container = await made(counting, (config) => {
      config.linux.namespaces.push({ type: 'cgroup' })
      config.mounts.push({ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', 'ro'] })
      // Two of one file system, which CRIU takes for one.
      for (const [i, source] of shared.entries()) config.mounts.push({ destination: `/host/${i}`, type: 'bind', source, options: ['rbind', 'ro', 'nosuid'] })
      Object.assign(config.process, { noNewPrivileges: true })
      Object.assign(config.linux, { seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['reboot'], action: 'SCMP_ACT_ERRNO' }] }, maskedPaths: ['/proc/timer_list', '/proc/keys', '/proc/acpi', '/sys/firmware'] })
      Object.assign(config.linux.resources, { memory: { limit: 64 * MiB }, pids: { limit: 20 } })
      config.hooks = Object.fromEntries(['prestart', 'createRuntime', 'poststart', 'poststop'].map((kind) => [kind, hook(kind)]))
    }, { stdio: 'ignore' })
    await container.oci('start')
    await until(() => existsSync(join(bundles().rootfs, 'tmp/count')) && count().length > 3, 'it counts')
    const before = { pid: container.pid(), mounts: mountsOf(container.pid()), rights: rightsOf(container.pid()) }
    writeFileSync(hooks, '')
    await container.oci('checkpoint', `--image-path=${images}`, `--work-path=${images}-work`)
    expect([ended(before.pid), bundles().left(), groupsOf(container.id)]).toEqual([true, [], []])
    expect(readdirSync(`${images}-work`)).toContain('dump.log')
    const reached = count().length

    await container.oci('restore', '--detach', `--bundle=${container.bundle}`, `--image-path=${images}`, `--work-path=${images}-work`, `--pid-file=${images}.pid`)
    const pid = container.pid()
    expect([container.status(), readFileSync(`${images}.pid`, 'utf8')]).toEqual(['running', String(pid)])
    await until(() => count().length > reached + 3, 'it counts on')
    const numbers = count()
    expect(numbers).toEqual(numbers.map((_, i) => i + 1))
    expect([mountsOf(pid), rightsOf(pid)]).toEqual([before.mounts, before.rights])
    expect(stat(container.group)).toMatchObject({ memory: { limitBytes: 64 * MiB }, pids: { max: 20 } })
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toBe(`0::${container.group.path}\n`)
    expect(readFileSync(hooks, 'utf8')).toBe('poststop "status":"stopped"\nprestart "status":"created"\ncreateRuntime "status":"creating"\n')
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(directory)
    expect(await container.exec('sh', '-c', 'hostname; cat /proc/1/comm /proc/keys /proc/self/cgroup; touch /host/1/x 2>&1; cat /sys/class/net/lo/flags')).toBe("inside\nsh\n0::/\ntouch: /host/1/x: Read-only file system\n0x9\n")
    await container.oci('kill', 'KILL')
    await until(() => container.status() === 'stopped', 'it has ended')
  })

  test('writes to whom its restorer says, who is told how it ended; its terminal is another', async () => {
    const [images, output] = [join(bundles().directory, 'piped'), join(bundles().directory, 'output')]
    const common = { store: new OciStore(bundles().root), images, passed: {}, groups: 'default', warn: () => {} } as const
    const container = await made('n=0; while ! test -e /tmp/end; do n=$((n+1)); echo $n; sleep 0.1; done; exit 7')
    await container.oci('start')
    await container.next()
    await checkpoint({ ...common, id: container.id, leaveRunning: false, preDump: false })
    let last = 1
    for (let line; (line = await container.next().catch(() => undefined)) !== undefined; ) last = Number(line)
    const fd = openSync(output, 'w')
    const { process, remove } = await restore({ ...common, id: container.id, bundle: container.bundle, systemd: false, stdio: ['ignore', fd, fd] })
    closeSync(fd)
    await until(() => readFileSync(output, 'utf8').includes('\n'), 'it writes')
    writeFileSync(join(bundles().rootfs, 'tmp/end'), '')
    expect(await process.exited).toMatchObject({ code: 7 })
    await remove()
    expect(Number(readFileSync(output, 'utf8').split('\n')[0])).toBe(last + 1)

    let said = ''
    let terminal: TerminalStreams | undefined
    const onTerminal = (master: number) => {
      terminal = new TerminalStreams(master)
      terminal.output.on('data', (chunk: Buffer) => { said += String(chunk) })
    }
    const answers = async (line: string) => {
      terminal!.input.write(`${line}\n`)
      await until(() => said.includes(`got ${line}`), `it answers ${line}`)
    }
    const other = await made('while read line; do echo got $line; done', (config) => { config.process['terminal'] = true }, { onTerminal })
    await other.oci('start')
    await answers('one')
    await checkpoint({ ...common, id: other.id, leaveRunning: false, preDump: false })
    terminal!.output.destroy()
    await restore({ ...common, id: other.id, bundle: other.bundle, systemd: false, onTerminal })
    await answers('two')
    terminal!.output.destroy()
  })
})

describe.skipIf(!hasBusybox)('without CRIU', () => {
  const { made, bundles } = containers()

  test('it is an error, and the container goes on; the same with what is not CRIU', async () => {
    const container = await made('while :; do sleep 0.1; done')
    const images = join(bundles().directory, 'none')
    const asked = (criu: string) => container.oci('checkpoint', `--image-path=${images}`, `--criu=${criu}`)
    await expect(asked('/nope')).rejects.toThrow('Container cannot be checkpointed in created state')
    await container.oci('start')
    await expect(asked('/nope')).rejects.toThrow('CRIU is not here: "/nope" is no file that may be executed; install criu, or name its file by --criu')
    await expect(asked('no-such-criu')).rejects.toThrow('CRIU is not here: "no-such-criu" is no file that may be executed in $PATH')
    await expect(asked('/bin/true')).rejects.toThrow(/^criu failed: type DUMP errno 0: .*; log file: .*\/none\/dump\.log$/)
    expect(container.status()).toBe('running')
  })
})

// Not in the guest: there `ls` of the stand-in has printed nothing, once, and why is not known. What is restored there shows the rest.
describe.skipIf(!hasBusybox || process.env['CTR_GUEST'] !== undefined)('what restore starts as CRIU', () => {
  const { made, bundles } = containers()

  test('has no descriptor of ours, the group of the container, no_new_privs, and the host\'s files as they are to be seen, which is seen by nobody else', async () => {
    const [directory, images, source] = ['', 'given', 'source'].map((name) => join(bundles().directory, name)) as [string, string, string]
    for (const path of [images, source]) mkdirSync(path, { recursive: true })
    writeFileSync(join(images, 'descriptors.json'), '["","file[1:2] /dev/null","pipe:[1]"]')
    const stand = join(directory, 'stand-in')
    writeFileSync(stand, `#!/bin/sh
cd ${images}
ls /proc/self/fd > fds; links=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2); echo "$links" > links
grep NoNewPrivs /proc/self/status > status; cat /proc/self/cgroup > cgroup; cat /proc/self/mountinfo > mounts; ls -d ${bundles().rootfs}/at/a >> links
`, { mode: 0o755 })
    const container = await made('sleep 100', (config) => {
      Object.assign(config.process, { noNewPrivileges: true })
      config.mounts.push({ destination: '/at/a', type: 'bind', source, options: ['rbind', 'ro', 'noexec'] })
    })
    await container.oci('delete', '--force')
    await expect(container.oci('restore', '--detach', `--bundle=${container.bundle}`, `--image-path=${images}`, `--criu=${stand}`)).rejects.toThrow('criu failed: type RESTORE')
    const given = (name: string) => readFileSync(join(images, name), 'utf8')
    // 3 is the socket, and 4 of ls itself.
    expect(given('fds').split('\n')).toEqual(['0', '1', '2', '3', '4', ''])
    expect(given('links')).toBe(`/dev/null\n/dev/null\n${readlinkSync('/proc/self/fd/2')}\n${bundles().rootfs}/at/a\n`)
    expect(given('status')).toBe('NoNewPrivs:\t1\n')
    expect(given('cgroup')).toContain(`:${container.group.path}\n`)
    const mounts = parseMountinfo(given('mounts')).filter(({ mountPoint }) => mountPoint.startsWith(directory))
    const at = (place: string) => mounts.findLast(({ mountPoint }) => mountPoint.endsWith(place))
    expect([at(`/${container.id}/0`), at(`/${container.id}/1`), at('/rootfs')]).toEqual([
      expect.objectContaining({ options: expect.arrayContaining(['ro', 'noexec']) }), expect.objectContaining({ root: '/null', options: expect.arrayContaining(['ro', 'nosuid', 'noexec']) }), expect.objectContaining({ options: expect.arrayContaining(['rw']) }),
    ])
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(directory)
    expect([bundles().left(), groupsOf(container.id)]).toEqual([[], []])
  })
})

describe.skipIf(!hasBusybox || criu.error !== undefined)('what CRIU cannot do', () => {
  const { made, bundles } = containers()

  test('is told in its words, and the container goes on', async () => {
    const [ours, theirs] = messageSockets()
    onTestFinished(() => { for (const fd of [ours, theirs]) closeSync(fd) })
    // The other end of its standard input is here.
    const container = await made('while :; do sleep 0.1; done', () => {}, { stdio: [theirs, 'ignore', 'ignore'] as never })
    await container.oci('start')
    const images = join(bundles().directory, 'refused')
    const refusal = await container.oci('checkpoint', `--image-path=${images}`).then(() => '', (error: Error) => error.message)
    const log = readFileSync(join(images, 'dump.log'), 'latin1')
    const last = /.*Error \([^)]*\): (.*)/.exec(log.split('\n').findLast((line) => / Error \(/.test(line))!)![1]!
    expect(refusal).toMatch(/^criu failed: type DUMP errno \d+: .*; log file: .*\/refused\/dump\.log$/)
    expect(refusal).toContain(last.trim())
    expect(container.status()).toBe('running')
  })

  test('as little as with files that are not CRIU\'s: nothing is left', async () => {
    const images = mkdtempSync(join(bundles().directory, 'garbage-'))
    const container = await made('sleep 100')
    await container.oci('delete', '--force')
    const restored = () => container.oci('restore', '--detach', `--bundle=${container.bundle}`, `--image-path=${images}`)
    await expect(restored()).rejects.toThrow(`${images} is not a checkpoint: there is no descriptors.json in it`)
    expect(readdirSync(images)).toEqual([])
    writeFileSync(join(images, 'descriptors.json'), '{}')
    await expect(restored()).rejects.toThrow('is not what checkpoint writes')
    writeFileSync(join(images, 'descriptors.json'), '["","",""]')
    for (const name of ['inventory.img', 'pstree.img', 'core-1.img']) writeFileSync(join(images, name), 'garbage')
    await expect(restored()).rejects.toThrow(/^criu failed: type RESTORE errno \d+: .*; log file: .*\/garbage-\w+\/restore\.log$/)
    expect([bundles().left(), groupsOf(container.id)]).toEqual([[], []])
  })
})
