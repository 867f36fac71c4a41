import { createHash } from 'node:crypto'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { finished } from '../ctrun.ts'
import { hasBusybox, OciBench, type BundleConfig } from './oci.ts'
import { tree } from '../tree.ts'

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const hostPrograms = (config: BundleConfig) => config.mounts.push(...['/usr', '/lib', '/lib64'].filter((path) => existsSync(path)).map((path) => ({ destination: path, type: 'bind', source: path, options: ['rbind', 'ro'] })))

/** What a container, and what joins one, gets hold of that is not its own. With CTR_OCI_RUNTIME=runc, single tests show what they are good for; all of them together hang. */
describe.skipIf(!hasBusybox)('what is the runtime\'s, or its caller\'s', { timeout: 120_000 }, () => {
  let bench: OciBench
  let host = ''
  beforeAll(async () => {
    bench = await OciBench.make()
    host = mkdtempSync('/var/lib/ctr-oci-escapes-')
    mkdirSync(join(host, 'marker'), { mode: 0o777 })
    writeFileSync(join(host, 'file'), 'host file\n')
  })
  afterAll(() => {
    bench.remove()
    rmSync(host, { recursive: true })
  })
  afterEach(async () => {
    for (const left of bench.left()) await bench.oci('delete', '--force', left)
    expect(bench.left()).toEqual([])
  })
  const id = `escape-${process.pid}`
  const run = (script: string, change: (config: BundleConfig) => void = () => {}) => bench.oci('run', '--bundle', bench.bundle(script, change), id)
  async function started(script: string, change: (config: BundleConfig) => void = () => {}): Promise<void> {
    expect(await bench.detached('create', '--bundle', bench.bundle(script, change), id)).toBe(0)
    expect(await bench.detached('start', id)).toBe(0)
  }
  const exec = (...args: string[]) => bench.oci('exec', ...args)

  // T-EXE1
  test('a program whose interpreter is /proc/self/exe gets hold of nothing that runs it, started or joined (CVE-2019-5736)', async () => {
    const files = [process.execPath, bench.argv()[1]!, createRequire(import.meta.url).resolve('koffi')].filter((path) => existsSync(path))
    const image = new URL('../../../../packages/launch/image', import.meta.url).pathname
    const own = () => [...files, ...readdirSync(image).map((name) => join(image, name))].map(sha256)
    const before = own()
    writeFileSync(join(bench.rootfs, 'evil'), '#!/proc/self/exe\n', { mode: 0o755 })
    expect((await run('', (config) => { config.process.args = ['/evil'] })).code).not.toBe(0)
    await started('while :; do for p in /proc/[0-9]*/exe; do (: > $p) 2>/dev/null; (echo evil >> $p) 2>/dev/null; done; sleep 0.02; done')
    for (let i = 0; i < 2; i++) expect((await exec(id, '/evil')).code).not.toBe(0)
    expect(await exec(id, 'true')).toMatchObject({ code: 0 })
    expect(own()).toEqual(before)
  })

  // T-CWD1
  test('neither a command nor a working directory leads through a descriptor of the caller (CVE-2024-21626)', async () => {
    const fds = Array.from({ length: 12 }, () => openSync(host, 'r'))
    const spawned = async (...args: string[]) => {
      const [command, ...words] = bench.argv(...args)
      return finished(spawn(command!, words, { stdio: ['ignore', 'pipe', 'pipe', ...fds] }))
    }
    try {
      for (const n of [5, 8]) symlinkSync(`/proc/self/fd/${n}`, join(bench.rootfs, `work${n}`))
      await started('sleep 1000')
      for (const n of [3, 8]) {
        const results = [
          await spawned('exec', '--cwd', `/proc/self/fd/${n}`, id, 'ls'), await spawned('exec', id, `/proc/self/fd/${n}/../../../../bin/ls`),
          ...(n === 8 ? [await spawned('exec', '--cwd', '/work8', id, 'ls', '..'), await spawned('exec', '--cwd', '/work5/..', id, 'ls')] : []),
        ]
        for (const { code, stdout } of results) expect([code, stdout]).toEqual([255, ''])
      }
      const bundle = bench.bundle('', (config) => { config.process.args = ['/proc/self/fd/7/../../../../bin/ls', '/'] })
      expect(await spawned('run', '--bundle', bundle, `${id}-second`)).toMatchObject({ code: 1, stdout: '' })
      // A directory that the container itself swaps for a link, after it was created with it.
      expect(await exec(id, 'sh', '-c', 'mkdir /w; ls -d /w')).toMatchObject({ stdout: '/w\n' })
      rmSync(join(bench.rootfs, 'w'), { recursive: true })
      symlinkSync('/proc/1/root/..', join(bench.rootfs, 'w'))
      expect((await exec('--cwd', '/w', id, 'ls')).code).toBe(255)
    } finally {
      for (const fd of fds) closeSync(fd)
    }
  })

  test('the waiting process has no environment, and nothing open but its three, its FIFO and its socket', async () => {
    await bench.detached('create', '--bundle', bench.bundle('true'), id)
    const { pid } = JSON.parse((await bench.oci('state', id)).stdout) as { pid: number }
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('')
    expect(readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\[\d+/, '[N')).sort()).toEqual(['/dev/null', '/dev/null', '/dev/null', join(bench.root, id, 'start.fifo'), 'socket:[N]'])
    for (const path of ['root', 'cwd']) expect(readdirSync(`/proc/${pid}/${path}`)).not.toContain('home')
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toBe('ctr\0')
  })

  // T-GRP
  test('groups of the caller are left behind, and a group that is denied what others may is denied it (CVE-2022-36109)', async () => {
    writeFileSync(join(bench.rootfs, 'denied'), 'for others\n')
    chmodSync(join(bench.rootfs, 'denied'), 0o604)
    spawnSync('chown', ['0:1000', join(bench.rootfs, 'denied')])
    const grouped = (...args: string[]) => finished(spawn('setpriv', ['--groups', '4242,4343', ...bench.argv(...args)], { stdio: ['ignore', 'pipe', 'pipe'] }))
    const script = 'grep Groups: /proc/self/status; cat /denied 2>/dev/null || echo denied'
    const user = { uid: 1000, gid: 1000, additionalGids: [10] }
    expect((await grouped('run', '--bundle', bench.bundle(script, (config) => { config.process.user = user }), id)).stdout).toBe('Groups:\t10 1000 \ndenied\n')
    await started('sleep 1000')
    expect((await grouped('exec', id, 'sh', '-c', script)).stdout).toBe('Groups:\t0 \nfor others\n')
    expect((await grouped('exec', '--user', '1000:1000', id, 'sh', '-c', script)).stdout).toBe('Groups:\t1000 \ndenied\n')
  })

  // T-USER2: CVE-2026-30892, CVE-2024-40635
  test('exec is the user that was asked for, in every form, and no other', async () => {
    writeFileSync(join(bench.rootfs, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n1000:x:0:0::/root:/bin/sh\n7:x:0:0::/:\n')
    await started('sleep 1000')
    const rows = [['1', '1:0'], ['7', '7:0'], ['1000', '1000:0'], ['1000:1000', '1000:1000'], ['0:5', '0:5'], ['4294967294', '4294967294:0']] as const
    for (const [user, ids] of rows) expect([user, (await exec('--user', user, id, 'sh', '-c', 'echo $(id -u):$(id -g)')).stdout]).toEqual([user, `${ids}\n`])
    for (const user of ['4294967295', '4294967296', '1:', 'root', '0x1']) expect([user, await exec('--user', user, id, 'id')]).toEqual([user, expect.objectContaining({ code: 255, stdout: '' })])
  })

  // T-PASSWD: CVE-2026-47262. The first process of runc 1.1.5 waits at the FIFO for ever.
  test('/etc/passwd of an image, where HOME is looked up, may be anything', async () => {
    const passwd = join(bench.rootfs, 'etc/passwd')
    const home = async () => run('echo $HOME')
    writeFileSync(join(host, 'passwd'), 'root:x:0:0::/of/the/host:/bin/sh\n')
    for (const make of ['mkfifo "$0"', 'mknod "$0" c 1 5', 'mkdir "$0"', `ln -s ${host}/passwd "$0"`, `ln -s ../../../../../..${host}/passwd "$0"`, `ln -s /proc/1/root${host}/passwd "$0"`]) {
      rmSync(passwd, { recursive: true, force: true })
      spawnSync('sh', ['-c', make, passwd])
      expect([make, await home()]).toEqual([make, expect.objectContaining({ stdout: '/\n', code: 0 })])
    }
    rmSync(passwd, { recursive: true, force: true })
    spawnSync('truncate', ['--size=1G', passwd])
    expect(await home()).toMatchObject({ code: 1, stderr: expect.stringContaining('/etc/passwd of the image: it has 1073741824 bytes') })
    rmSync(passwd)
    rmSync(join(host, 'passwd'))
    writeFileSync(passwd, 'root:x:0:0:root:/root:/bin/sh\n')
  })

  // T-HOOK1, T-ENV
  test('hooks have the environment of the configuration: not ours, not the container\'s (CVE-2025-23266)', async () => {
    const seen = mkdtempSync(join(bench.directory, 'seen-'))
    const look = (file: string) => ['/usr/bin/env', 'sh', '-c', `/usr/bin/env > ${file}; for fd in /proc/$$/fd/*; do echo fd $\{fd##*/} >> ${file}; done; grep -E '^Sig(Ign|Blk)' /proc/self/status >> ${file}; echo cwd $PWD >> ${file}`]
    const kinds = ['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop']
    const bundle = bench.bundle('true', (config) => {
      config.process.env.push('LD_PRELOAD=/evil.so', 'LD_LIBRARY_PATH=/evil', 'SECRET=container')
      config.hooks = Object.fromEntries(kinds.map((kind) => [kind, [{ path: '/usr/bin/env', args: look(join(seen, kind)), env: [`ONLY=${kind}`, 'PATH=/usr/bin:/bin'] }]]))
    })
    const [command, ...words] = bench.argv('run', '--bundle', bundle, id)
    const { code, stderr } = await finished(spawn(command!, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, SECRET: 'caller', PATH: `/evil:${process.env['PATH']}`, LD_LIBRARY_PATH: '/evil' } }))
    expect([code, stderr]).toEqual([0, ''])
    for (const kind of kinds) {
      const lines = readFileSync(join(seen, kind), 'utf8').trim().split('\n').filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))
      const expected = [`ONLY=${kind}`, 'PATH=/usr/bin:/bin', 'SigBlk:\t0000000000000000', 'SigIgn:\t0000000000000000', 'fd 0', 'fd 1', 'fd 2', 'fd 3']
      // 3 is the shell's own, on the directory that it lists.
      // Among the processes of the container it finds itself nowhere in the host's /proc, which it still sees.
      const there = kind !== 'createContainer'
      expect([kind, lines.filter((line) => (there ? !line.startsWith('cwd') : line.includes('='))).sort()]).toEqual([kind, there ? expected.sort() : expected.slice(0, 2)])
      if (there) expect(lines).toContain(`cwd ${bundle}`)
    }
  })

  // T-PLUGIN: CVE-2019-14271 and others
  test('no program of an image runs but the command', async () => {
    const root = join(bench.directory, 'plugins')
    await finished(spawn('cp', ['-a', bench.rootfs, root]))
    mkdirSync(join(root, 'marker'))
    for (const tool of ['nsenter', 'newuidmap', 'umount', 'ip', 'init', 'ps', 'getent', 'xz', 'runc']) writeFileSync(join(root, 'bin', tool), `#!/bin/sh\necho ${tool} > /marker/${tool}\n`, { mode: 0o755 })
    await started('sleep 1000', (config) => {
      config.root['path'] = root
      config.mounts.push({ destination: '/marker', type: 'bind', source: join(host, 'marker'), options: ['bind'] })
    })
    for (const args of [['ps', id], ['pause', id], ['resume', id], ['events', '--stats', id], ['state', id], ['update', '--pids-limit', '20', id], ['exec', id, 'true']]) expect([args, (await bench.oci(...args)).code]).toEqual([args, 0])
    expect(readdirSync(join(host, 'marker'))).toEqual([])
    await exec(id, 'xz')
    expect(readdirSync(join(host, 'marker'))).toEqual(['xz'])
    rmSync(join(host, 'marker/xz'))
  })

  // T-PROC2, CVE-2019-16884
  test('a volume on /proc is refused; the host\'s own /proc and /sys, bound, keep their masks and stay read-only', async () => {
    const volume = mkdtempSync(join(bench.directory, 'volume-'))
    mkdirSync(join(volume, 'self'))
    const without = (config: BundleConfig, path: string) => { config.mounts = config.mounts.filter(({ destination }) => destination !== path) }
    const bind = (destination: string, source: string, ...options: string[]) => ({ destination, type: 'bind', source, options: ['rbind', ...options] })
    for (const mount of [bind('/proc', volume), bind('/proc/self', volume), bind('/proc/sys', volume), { destination: '/proc', type: 'tmpfs', source: 'tmpfs', options: [] }, { destination: '/proc/self/attr', type: 'tmpfs', source: 'tmpfs', options: [] }]) {
      expect([mount.destination, await run('echo ran', (config) => { if (mount.destination === '/proc') without(config, '/proc'); config.mounts.push(mount) })]).toEqual([mount.destination, expect.objectContaining({ code: 1, stdout: '' })])
    }
    const bound = await run('cat /proc/timer_list; ls -A /sys/kernel; for f in /proc/sys/kernel/core_pattern /sys/kernel/x; do (: > $f) 2>&1 | grep -c Read-only; done; test -d /proc/$$ && echo mine; exit 0', (config) => {
      for (const path of ['/proc', '/sys']) without(config, path)
      config.mounts = [bind('/proc', '/proc'), ...config.mounts, bind('/sys', '/sys', 'ro')]
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid')
      Object.assign(config.linux, { maskedPaths: ['/proc/timer_list', '/sys/kernel'], readonlyPaths: ['/proc/sys'] })
    })
    expect(bound).toMatchObject({ code: 0, stdout: '1\n1\nmine\n' })
  })

  // T-MASK3
  test('a masked path that is not there is no error, and one that is there is masked', async () => {
    expect(await run('cat /proc/timer_list; ls /proc/acpi2 2>/dev/null; echo end', (config) => { config.linux['maskedPaths'] = ['/proc/acpi2', '/nope/deep', '/proc/timer_list'] })).toMatchObject({ code: 0, stdout: 'end\n' })
  })

  // T-CG2
  test('annotations move nothing, and give nothing', async () => {
    const look = async (annotations: Record<string, string>) => run('cat /proc/self/cgroup; grep Cap /proc/self/status; cut -d" " -f4- /proc/self/mountinfo | grep -c .', (config) => { Object.assign(config, { annotations }) })
    const plain = await look({})
    const keys = ['org.systemd.property.Slice', 'run.oci.keep_original_groups', 'run.oci.delegate-cgroup', 'org.opencontainers.runc.exec.isolated-cpu-affinity-transition', 'io.kubernetes.cri-o.userns-mode', 'run.oci.mount_context_type', 'module.wasm.image/variant', 'run.oci.seccomp.receiver']
    expect(await look(Object.fromEntries(keys.map((key) => [key, '/../../escape']))).then(({ stdout }) => stdout)).toBe(plain.stdout)
  })

  // T-LEN
  test('long strings change nothing but themselves (CVE-2021-43784)', async () => {
    const bundle = (length: number) => bench.bundle('for n in net mnt pid uts ipc; do readlink /proc/self/ns/$n; done; echo ${#A}', (config) => { config.process.env.push(`A=${'x'.repeat(length)}`) })
    for (const length of [65_534, 65_537]) {
      const lines = (await bench.oci('run', '--bundle', bundle(length), id)).stdout.trim().split('\n')
      expect(lines.pop()).toBe(String(length))
      for (const line of lines) {
        const [kind = ''] = line.split(':')
        expect(line).not.toBe(spawnSync('readlink', [`/proc/self/ns/${kind}`], { encoding: 'utf8' }).stdout.trim())
      }
      expect(lines).toHaveLength(5)
    }
    expect(await run('true', (config) => { config.mounts.push({ destination: `/${'x'.repeat(65_540)}`, type: 'tmpfs', source: 'tmpfs', options: [] }) })).toMatchObject({ code: 1, stderr: expect.stringContaining('it has more than 4095 bytes') })
  })

  // T-TTY2: TIOCSTI is 0x5412, TIOCSCTTY 0x540e (asm-generic/ioctls.h)
  test.skipIf(spawnSync('script', ['--version']).error !== undefined)('nothing is typed into the terminal of the caller, which the container has for its three descriptors (CVE-2017-5226)', async () => {
    const perl = 'for my $fd (0, 1, 2) { open(my $t, "+<&=", $fd); my $c = "x"; print STDOUT "stole\\n" if ioctl($t, 0x540e, 0); print STDOUT "typed\\n" if ioctl($t, 0x5412, $c) } print STDOUT open(my $o, "<", "/dev/tty") ? "has one\\n" : "has none\\n"'
    const bundle = bench.bundle('', (config) => { hostPrograms(config); config.process.args = ['/usr/bin/perl', '-e', perl] })
    const onTerminal = async (...args: string[]) => {
      const command = bench.argv(...args).map((word) => `'${word}'`).join(' ')
      return (await finished(spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'pipe'] }))).stdout.replaceAll('\r', '')
    }
    expect(await onTerminal('run', '--bundle', bundle, id)).toBe('has none\n')
    await started('sleep 1000', hostPrograms)
    expect(await onTerminal('exec', id, '/usr/bin/perl', '-e', perl)).toBe('has none\n')
  })

  test('a console, and the links of /dev, never land where a link of the image leads (CVE-2025-52565, CVE-2026-41579)', async () => {
    const root = join(bench.directory, 'terminal')
    await finished(spawn('cp', ['-a', bench.rootfs, root]))
    for (const name of ['console', 'ptmx', 'fd', 'stdin', 'null', 'pts']) symlinkSync(name === 'pts' ? join(host, 'marker') : join(host, 'file'), join(root, 'dev', name))
    const before = tree(host)
    const noDev = (config: BundleConfig) => {
      config.root['path'] = root
      config.process['terminal'] = true
      config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev')
    }
    // /dev/pts is a link to a place that there is not inside.
    expect(await run('true', noDev)).toMatchObject({ code: 1 })
    rmSync(join(root, 'dev/pts'))
    expect(await run('stat -c %t /dev/console; tty; echo x > /dev/null', noDev)).toMatchObject({ stdout: expect.stringContaining('88\r\n') })
    expect(tree(host)).toEqual(before)
  })
})
