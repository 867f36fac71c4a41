import { execFileSync } from 'node:child_process'
import { closeSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { create } from '../../src/oci/lifecycle/create.ts'
import { remove } from '../../src/oci/lifecycle/remove.ts'
import { OciStore } from '../../src/oci/state/oci-store.ts'
import { text } from '../inside.ts'
import { hasBusybox, OciBench, type BundleConfig } from './oci.ts'
import { swapping } from './swapping.ts'
import { tree } from '../tree.ts'

// Somebody else, another container that shares a directory, exchanges what is in it for links while containers start. What they find is
// inside, or they do not start; and the host is as it was. With CTR_OCI_RUNTIME=runc, runc 1.1.5 fails in all of the three that it is given:
// it made a mount point on the host, showed core_pattern in the place of what is masked, and made its links of /dev on the host.

const other = process.env['CTR_OCI_RUNTIME'] !== undefined

describe.skipIf(!hasBusybox)('a directory is swapped for a link while containers start', { timeout: 120_000 }, () => {
  let bench: OciBench
  let store: OciStore
  let host = ''
  beforeAll(async () => {
    bench = await OciBench.make()
    store = new OciStore(bench.root)
    host = mkdtempSync('/var/lib/ctr-oci-races-')
    for (const name of ['target/there', 'target/s', 'proc/sys/net/ipv4', 'proc/self', 'pts', 'dev']) mkdirSync(join(host, name), { recursive: true })
    for (const name of ['target/s/marker', 'target/kept', 'proc/timer_list', 'proc/sys/net/ipv4/ip_forward', 'file']) writeFileSync(join(host, name), `host ${name}\n`)
  })
  afterAll(() => {
    bench.remove()
    rmSync(host, { recursive: true })
  })
  afterEach(() => { expect(bench.left()).toEqual([]) })
  const id = `race-${process.pid}`

  /** What a container prints, or the errno that it did not start with. In this process, so that there are many; another runtime has its command. */
  async function outcome(bundle: string): Promise<string> {
    if (other) {
      const { code, stdout, stderr } = await bench.oci('run', '--bundle', bundle, id)
      return code === 0 ? stdout : (/no such file|not a directory|too many levels|EEXIST|file exists/i.exec(stderr)?.[0] ?? stderr)
    }
    const masters: number[] = []
    try {
      const process = await create({ store, id, bundle, waits: false, stdio: 'pipe', onTerminal: (master) => masters.push(master) })
      process.stdin?.destroy()
      const [stdout] = await Promise.all([text(process.stdout), text(process.stderr), process.exited])
      await remove(store, id, { force: true, warn: () => {} })
      return stdout
    } catch (error) {
      return (error as { code?: string }).code ?? String(error)
    } finally {
      for (const master of masters) closeSync(master)
    }
  }

  /** Errors that a path gives that is not there, or not the same, at the moment. */
  const refused = /^(ENOENT|ENOTDIR|ELOOP|EEXIST|ENOTTY|ENXIO|EIO|EINVAL|EBUSY|no such file|not a directory|too many levels|file exists)$/i
  /** What a script prints that found its own paths swapped. */
  const nothing = 'nothing\n'

  /** Starts containers while paths are swapped: some dozens, and more until both has happened, that one started and that one did not. @returns each outcome once */
  async function race(pairs: readonly (readonly [string, string])[], script: string, config: (config: BundleConfig, i: number) => void, { always = false, after = () => {} }: { readonly always?: boolean; readonly after?: (outcome: string) => void } = {}): Promise<string[]> {
    const before = tree(host)
    const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
    const seen = new Set<string>()
    const both = () => [...seen].some((each) => refused.test(each)) && [...seen].some((each) => !refused.test(each) && each !== nothing)
    await swapping(pairs, async () => {
      const start = Date.now()
      for (let i = 0; (i < 40 && Date.now() - start < 4000) || (!always && !both() && Date.now() - start < 60_000); i++) {
        const bundle = bench.bundle(script, (each) => config(each, i))
        const one = await outcome(bundle)
        seen.add(one)
        rmSync(bundle, { recursive: true })
        expect(tree(host)).toEqual(before)
        after(one)
      }
    })
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(pattern)
    return [...seen]
  }


  test('mount points, missing ones, working directories and later sources stay inside (CVE-2021-30465, CVE-2024-45310, CVE-2024-21626)', async () => {
    const [volume, evil] = [mkdtempSync(join(bench.directory, 'volume-')), mkdtempSync(join(bench.directory, 'evil-'))]
    for (const name of ['a/there', 'a/s']) mkdirSync(join(volume, name), { recursive: true })
    symlinkSync(join(host, 'target'), join(volume, 'l'))
    // Over the directory on the host, this would lead the last source to the host's root.
    symlinkSync('/', join(evil, 's'))
    const seen = await race([[join(volume, 'a'), join(volume, 'l')]], 'ls /third; ls -d /proc/self/cwd/../../../../../../home 2>/dev/null', (config, i) => {
      const bind = (destination: string, source: string) => ({ destination, type: 'bind', source, options: ['rbind'] })
      config.mounts.push(
        bind('/vol', volume), { destination: '/vol/a/there', type: 'tmpfs', source: 'tmpfs', options: [] }, bind(`/vol/a/file${i}`, '/etc/hostname'), { destination: `/vol/a/new${i}/deep`, type: 'tmpfs', source: 'tmpfs', options: [] },
        bind('/vol/a', evil), bind('/third', join(host, 'target/s')),
      )
      config.process.cwd = i % 2 === 0 ? '/' : `/vol/a/work${i}`
    })
    expect(seen.filter((each) => !refused.test(each))).toEqual(['marker\n'])
    expect(seen.length).toBeGreaterThan(1)
  })

  test('what is masked shows nothing, and what is read-only is, whatever /dev/null of the container is at the time (CVE-2025-31133)', async () => {
    const dev = mkdtempSync(join(bench.directory, 'dev-'))
    execFileSync('mknod', ['-m', '666', join(dev, 'null'), 'c', '1', '3'])
    symlinkSync('/proc/sys/kernel/core_pattern', join(dev, 'link'))
    const script = 'cat /proc/timer_list /proc/keys; stat -L -c %t:%T /proc/timer_list; ls /sys/kernel; (: > /proc/sys/kernel/domainname) && echo writable; exit 0'
    const seen = await race([[join(dev, 'null'), join(dev, 'link')]], `{ ${script}; } 2>/tmp/errors`, (config) => {
      config.mounts = [...config.mounts.filter(({ destination }) => !destination.startsWith('/dev')), { destination: '/dev', type: 'bind', source: dev, options: ['rbind'] }]
      Object.assign(config.linux, { maskedPaths: ['/proc/timer_list', '/proc/keys', '/sys/kernel'], readonlyPaths: ['/proc/sys'] })
    }, { always: true })
    expect(seen).toEqual(['1:3\n'])
  })

  test('/proc, /sys and /dev are what is mounted there, or the container does not start; its settings are its own (CVE-2023-27561, CVE-2025-52881, CVE-2026-41579)', async () => {
    const root = mkdtempSync(join(bench.directory, 'root-'))
    cpSync(bench.rootfs, root, { recursive: true, verbatimSymlinks: true })
    const names = ['proc', 'sys', 'dev']
    for (const name of names) symlinkSync(join(host, name), join(root, `${name}-link`))
    const seen = await race(names.map((name) => [join(root, name), join(root, `${name}-link`)]), 'for i in 1 2 3 4 5 6 7 8 9; do cat /proc/sys/net/ipv4/ip_forward 2>/dev/null && exit; done; echo nothing', (config) => {
      config.root['path'] = root
      config.linux['sysctl'] = { 'net.ipv4.ip_forward': '1' }
    })
    expect(seen.filter((each) => !refused.test(each) && each !== nothing)).toEqual(['1\n'])
    expect(seen.some((each) => refused.test(each))).toBe(true)
  })

  test.skipIf(other)('/dev/console and the terminal are those that were opened, whatever /dev/console, /dev/pts and /dev/ptmx lead to (CVE-2025-52565)', async () => {
    const dev = mkdtempSync(join(bench.directory, 'dev-'))
    mkdirSync(join(dev, 'pts'))
    for (const name of ['console', 'ptmx']) writeFileSync(join(dev, name), '')
    for (const [name, to] of [['console', join(host, 'file')], ['pts', join(host, 'pts')], ['ptmx', 'pts/ptmx']] as const) symlinkSync(to, join(dev, `${name}-link`))
    const out = join(bench.rootfs, 'tmp/console')
    const printed = new Set<string>()
    const seen = await race(['console', 'pts', 'ptmx'].map((name) => [join(dev, name), join(dev, `${name}-link`)] as const), 'stat -c %t /dev/console > /tmp/console 2>/dev/null; stat -c %t /proc/self/fd/0 -L >> /tmp/console', (config) => {
      rmSync(out, { force: true })
      config.process['terminal'] = true
      config.mounts = [...config.mounts.filter(({ destination }) => !destination.startsWith('/dev')), { destination: '/dev', type: 'bind', source: dev, options: ['rbind'] }, ...config.mounts.filter(({ destination }) => destination === '/dev/pts')]
    }, { after: (one) => { if (one === '') printed.add(readFileSync(out, 'utf8')) } })
    // The major number of terminals is 136, 88 in hexadecimal (Documentation/admin-guide/devices.txt). The name may be a link by the time.
    expect([...printed].filter((each) => !/^(88\n|a1ff\n|0\n)?88\n$/.test(each))).toEqual([])
    expect(seen.filter((each) => !refused.test(each))).toEqual([''])
    expect(seen.length).toBeGreaterThan(1)
  })
})
