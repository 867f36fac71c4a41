import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { finished } from '../ctrun.ts'
import { hasBusybox, OciBench, type BundleConfig } from './oci.ts'
import { tree } from '../tree.ts'

/** What an image, or a configuration that came with one, tries against the host. The identifiers are those of SECURITY advisories. */
describe.skipIf(!hasBusybox)('an image that wants out', () => {
  let bench: OciBench
  let host = ''
  beforeAll(async () => {
    bench = await OciBench.make()
    host = mkdtempSync('/var/lib/ctr-oci-host-')
    for (const name of ['self', 'fs', 'pts', 'shm']) mkdirSync(join(host, name))
    for (const name of ['ptmx', 'null', 'passwd', 'secret']) writeFileSync(join(host, name), `host ${name}\n`)
  })
  afterAll(() => {
    bench.remove()
    rmSync(host, { recursive: true })
  })
  afterEach(() => { expect(bench.left()).toEqual([]) })
  const id = `hostile-${process.pid}`

  /** Another root file system, with one thing in it replaced by a link. */
  async function linked(path: string, to: string, config: (config: BundleConfig) => void = () => {}, script = 'true') {
    const root = join(bench.directory, `linked-${path.replaceAll('/', '-')}`)
    await finished(spawn('cp', ['-a', bench.rootfs, root]))
    rmSync(join(root, path), { recursive: true, force: true })
    symlinkSync(to, join(root, path))
    const before = tree(host)
    const bundle = bench.bundle(script, (each) => { each.root['path'] = root; config(each) })
    const result = await bench.oci('run', '--bundle', bundle, id)
    expect(tree(host)).toEqual(before)
    rmSync(root, { recursive: true })
    return result
  }

  test.each(['proc', 'sys', 'dev'])('/%s is a link to the host: refused (CVE-2019-19921, CVE-2023-27561, CVE-2026-41579)', async (name) => {
    expect(await linked(name, host)).toMatchObject({ code: 1, stderr: expect.stringContaining('ELOOP') })
  })

  test('/dev without a mount on it is a link to the host: refused, and nothing is made there', async () => {
    expect(await linked('dev', host, (config) => { config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev')) })).toMatchObject({ code: 1, stderr: expect.stringContaining('ELOOP') })
  })

  test('a mount below a link to the host is not made there (CVE-2021-30465)', async () => {
    const mount = (config: BundleConfig) => { config.mounts.push({ destination: '/tmp/x', type: 'tmpfs', source: 'tmpfs', options: [] }) }
    expect(await linked('tmp', `/../../../../..${host}`, mount)).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOENT') })
    expect(await linked('tmp', '../../../../../../etc', mount, 'grep -c " /etc/x " /proc/self/mountinfo')).toMatchObject({ code: 0, stdout: '1\n' })
  })

  test('a working directory through a descriptor of the host is refused, whatever we were started with (CVE-2024-21626)', async () => {
    const fds = Array.from({ length: 20 }, () => openSync('/', 'r'))
    try {
      for (const n of [3, 7, 20]) {
        const bundle = bench.bundle('pwd; ls ../../../..', (config) => { config.process.cwd = `/proc/self/fd/${n}` })
        const child = spawn(process.execPath, bench.argv('run', '--bundle', bundle, id).slice(1), { stdio: ['ignore', 'pipe', 'pipe', ...fds] })
        expect((await finished(child)).code).toBe(1)
        await bench.oci('delete', '--force', id)
      }
      const link = await linked('work', '/proc/self/fd/7', (config) => { config.process.cwd = '/work' })
      expect(link.code).toBe(1)
    } finally {
      for (const fd of fds) closeSync(fd)
    }
  })

  test('the command has three descriptors, no signal ignored or blocked, and nothing of our environment', async () => {
    const fds = Array.from({ length: 10 }, () => openSync('/', 'r'))
    const bundle = bench.bundle('for fd in /proc/$$/fd/*; do echo ${fd##*/}; done; env | grep -c SECRET')
    const child = spawn(process.execPath, bench.argv('run', '--bundle', bundle, id).slice(1), { stdio: ['ignore', 'pipe', 'pipe', ...fds], env: { ...process.env, SECRET: 'x' } })
    const { stdout } = await finished(child)
    for (const fd of fds) closeSync(fd)
    // The shell itself ignores SIGQUIT.
    const signals = bench.bundle('', (config) => { config.process.args = ['grep', '-E', '^Sig(Ign|Blk)', '/proc/self/status'] })
    const ignoring = spawn('sh', ['-c', `trap '' HUP INT PIPE CHLD USR1; exec "$@"`, 'sh', ...bench.argv('run', '--bundle', signals, id)], { stdio: ['ignore', 'pipe', 'pipe'] })
    expect((await finished(ignoring)).stdout).toBe('SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n')
    // 3 is the shell's own, on the directory that it lists.
    expect(stdout.split('\n').filter((line) => line !== '3')).toEqual(['0', '1', '2', '0', ''])
  })

  test('a masked path shows nothing, though /dev/null of the container is a link (CVE-2025-31133)', async () => {
    const dev = mkdtempSync(join(bench.directory, 'dev-'))
    symlinkSync('/proc/sys/kernel/core_pattern', join(dev, 'null'))
    const bundle = bench.bundle('cat /proc/timer_list; stat -L -c %t:%T /proc/timer_list', (config) => {
      config.mounts = [...config.mounts.filter(({ destination }) => !destination.startsWith('/dev')), { destination: '/dev', type: 'bind', source: dev, options: ['rbind'] }]
    })
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ stdout: '1:3\n' })
  })

  test('no capability is inheritable, and a user has none (CVE-2022-29162, CVE-2016-8867)', async () => {
    const script = 'grep -E "^Cap(Inh|Prm|Eff|Amb)" /proc/self/status'
    const bundle = bench.bundle(script, (config) => { config.process.user = { uid: 1000, gid: 1000 } })
    const none = ['Inh', 'Prm', 'Eff', 'Amb'].map((set) => `Cap${set}:\t0000000000000000\n`).join('')
    expect((await bench.oci('run', '--bundle', bundle, id)).stdout).toBe(none)
    await bench.detached('create', '--bundle', bench.bundle('true'), id)
    expect((await bench.oci('exec', '--cap', 'CAP_NET_ADMIN', '--user', '1000:1000', id, 'sh', '-c', script)).stdout).toBe(none)
    expect((await bench.oci('exec', id, 'sh', '-c', 'grep CapInh /proc/self/status')).stdout).toBe('CapInh:\t0000000000000000\n')
    await bench.oci('delete', '--force', id)
  })

  test('a device that was not given cannot be opened, though it can be made (GHSA-g54h-m393-cpwq)', async () => {
    const { stdout } = await bench.oci('run', '--bundle', bench.bundle('mknod /dev/kmsg2 c 1 11 && echo made; head -c 1 /dev/kmsg2 >/dev/null 2>&1 || echo refused'), id)
    expect(stdout).toBe('made\nrefused\n')
  })

  test('a filter of calls holds for the command and for what joins it, and costs no privilege', async () => {
    const bundle = bench.bundle('mkdir /tmp/no 2>&1; grep Seccomp: /proc/self/status', (config) => {
      config.linux['seccomp'] = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }] }
    })
    expect((await bench.oci('run', '--bundle', bundle, id)).stdout).toBe("mkdir: can't create directory '/tmp/no': No space left on device\nSeccomp:\t2\n")
    await bench.detached('create', '--bundle', bundle, id)
    expect((await bench.oci('exec', id, 'sh', '-c', 'mkdir /tmp/no 2>&1; grep -E "Seccomp:|CapBnd" /proc/self/status')).stdout).toMatch(/No space left on device\nCapBnd:\t00000000080000e3\nSeccomp:\t2\n$/)
    await bench.oci('delete', '--force', id)
  })

  test('a hook that is wrong about its input, or writes without end, changes nothing but itself', async () => {
    const bundle = bench.bundle('echo ran', (config) => { config.hooks['createRuntime'] = [{ path: '/bin/true' }, { path: '/bin/sh', args: ['sh', '-c', 'exec <&-; head -c 1000000 /dev/zero >&2; exit 0'], env: ['PATH=/usr/bin:/bin'] }] })
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ code: 0, stdout: 'ran\n' })
  })
})

interface Case { readonly id: string; readonly refuse: boolean | string; readonly set?: Readonly<Record<string, unknown>>; readonly containerId?: string }

const file = new URL('../../../../../shared/vectors/own-bad-config/cases.json', import.meta.url)
const cases = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases : []
/** What needs more than a member of the configuration to be tried; the reader's own tests try the rest. */
const prepared = /^(mount-(sysfs|proc)-on-symlink|ns-path-fifo|masked-symlink|device-symlink-parent|unified-|idmap-|rlimit-nofile|mount-4096)/

describe.skipIf(!hasBusybox || cases.length === 0)('configurations that are wrong or odd, given to create', () => {
  let bench: OciBench
  beforeAll(async () => { bench = await OciBench.make() })
  afterAll(() => bench.remove())
  const id = `odd-${process.pid}`

  // A process each: only what the reader alone does not decide.
  const undecided = cases.filter((each) => each.set !== undefined && !prepared.test(each.id) && /^(root-|cwd-\/proc|mount-(missing-source|unknown-option|size-suffix|conflict)|ns-path-(not|missing|wrong)|apparmor-missing|terminal-no-socket|seccomp-two|cap-exec|device-outside|env-|pids-0)/.test(each.id))
  test.each(undecided)('$id', async ({ set, refuse }) => {
    const bundle = bench.bundle('true', (config) => {
      config.process.args = ['/bin/true']
      for (const [pointer, value] of Object.entries(set!)) {
        const keys = pointer.slice(1).split('/')
        let at = config as unknown as Record<string, unknown>
        for (const key of keys.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>
        at[keys.at(-1)!] = value
      }
    })
    const before = readdirSync('/sys/fs/cgroup')
    const code = await bench.detached('create', '--bundle', bundle, id)
    if (refuse === true) expect(code).toBe(1)
    if (refuse === false) expect(code).toBe(0)
    if (code === 1) expect(bench.left()).toEqual([])
    await bench.oci('delete', '--force', id)
    expect(bench.left()).toEqual([])
    expect(readdirSync('/sys/fs/cgroup')).toEqual(before)
  })

  test.each(cases.filter(({ containerId }) => containerId !== undefined && !containerId.includes('\0') && containerId !== ''))('$id', async ({ containerId, refuse }) => {
    const bundle = bench.bundle('true')
    const result = await bench.oci('run', '--bundle', bundle, '--', containerId!)
    expect(result.code).toBe(refuse === false ? 0 : 1)
    expect(bench.left()).toEqual([])
  })
})
