import { spawn } from 'node:child_process'
import { closeSync, constants, existsSync, mkdirSync, openSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { numbers, sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { expect, test } from 'vitest'
import { emulated } from '../test/guest.ts'
import { inMountNamespace } from '../test/namespace.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { bind, devices, mask, ociMounts, openNull, readOnlyPaths, target, tmpfs, type Kind } from './index.ts'

/** Opens a root, runs what is made for it, and tells the error. */
function within(directory: string, make: (root: { fd: string }) => Program): string {
  const fd = openSync(directory, constants.O_DIRECTORY)
  try {
    for (const left of Object.values(perform(make({ fd: 'root' }), { root: fd }).fds)) closeSync(left)
    return 'done'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    closeSync(fd)
  }
}

/** Every way in which an image can make a path lead outside. */
const links: Record<string, (host: string) => string> = {
  absolute: (host) => host, 'to the host root': () => '/', 'through ..': (host) => `../../../../../../../..${host}`, 'far above': () => '../'.repeat(40), dangling: () => '/not/there', loop: () => 'link',
  'the host through /proc': () => '/proc/1/root', 'the working directory of the runtime': () => '/proc/self/cwd',
}
const make: Record<string, (path: string, kind: Kind) => (root: { fd: string }) => Program> = {
  'a bind mount': (path, kind) => (root) => bind({ source: kind === 'file' ? '/etc/hostname' : '/usr', root, path, kind }),
  'a bind mount that makes its mount point': (path, kind) => (root) => bind({ source: kind === 'file' ? '/etc/hostname' : '/usr', root, path, kind, create: true }),
}

for (const [name, to] of Object.entries(links)) for (const [what, program] of Object.entries(make)) for (const kind of ['directory', 'file'] as const)
  test(`${what} (${kind}) over a link ${name} reaches nothing outside`, () => {
    const { root, host } = scratch()
    writeFileSync(join(host, 'file'), 'untouched')
    mkdirSync(join(host, 'sub'))
    symlinkSync(to(host), join(root, 'link'))
    const before = snapshot(host)
    // A namespace for each: a mount that a link leads onto the root itself covers it for the next.
    for (const path of ['link', 'link/sub', 'link/file', 'link/../link/new/newer']) inMountNamespace(() => {
      const mounts = () => readFileSync('/proc/thread-self/mountinfo', 'utf8').trimEnd().split('\n').map((line) => line.split(' ')[4]!)
      const others = mounts()
      // Outside, this namespace is read-only: EROFS would be a break-out.
      expect(within(root, program(`/${path}`, kind))).not.toBe('EROFS')
      expect(mounts().slice(others.length).filter((mount) => mount !== root && !mount.startsWith(`${root}/`))).toEqual([])
      // Nothing of it may be seen from outside of the root, not even in this mount namespace.
      expect(readdirSync(host)).toEqual(['file', 'sub'])
      expect(readdirSync(join(host, 'sub'))).toEqual([])
    })
    expect(snapshot(host)).toEqual(before)
    for (const stray of ['/not', '/sub', '/new', join(process.cwd(), 'new')]) expect(existsSync(stray)).toBe(false)
  })

test('a link is followed as if the root were /', () => {
  const { root } = scratch()
  mkdirSync(join(root, 'real/sub'), { recursive: true })
  symlinkSync('/real', join(root, 'link'))
  inMountNamespace(() => {
    expect(within(root, (fd) => tmpfs({ root: fd, path: '/link/sub', mode: 0o700 }))).toBe('done')
    const fd = openSync(join(root, 'real/sub'), constants.O_DIRECTORY)
    perform([sys.mkdirat(fd, 'here', 0o755, 'it is the tmpfs')])
    closeSync(fd)
    expect(readdirSync(join(root, 'real/sub'))).toEqual(['here'])
  })
  expect(readdirSync(join(root, 'real/sub'))).toEqual([])
})

test.each([
  ['ENOENT', 'missing/x', 'directory', undefined], ['ENOENT', 'link', 'directory', '/not/there'], ['ELOOP', 'link', 'directory', 'link'], ['ENOTDIR', 'file', 'directory', undefined],
] as const)('%s: %s', (code, path, kind, link) => {
  const { root } = scratch()
  writeFileSync(join(root, 'file'), '')
  if (link !== undefined) symlinkSync(link, join(root, 'link'))
  expect(within(root, (fd) => target({ root: fd, path, kind, as: 't' }))).toBe(code)
})

test('ELOOP: a magic link of /proc', () => {
  expect(within('/', (fd) => target({ root: fd, path: '/proc/self/cwd', kind: 'directory', as: 't' }))).toBe('ELOOP')
})

test('makes directories and files once, and takes those that are there', () => {
  const { root } = scratch()
  mkdirSync(join(root, 'a'))
  for (let i = 0; i < 2; i++) expect(within(root, (fd) => target({ root: fd, path: '/a/b/../b/f', kind: 'file', create: true, as: 't' }))).toBe('done')
  expect(readdirSync(join(root, 'a/b'))).toEqual(['f'])
})

/** Swaps a directory and a link to the host as fast as it can. */
async function swapping(a: string, l: string, body: () => void): Promise<void> {
  const swapper = spawn('perl', ['-e', 'while (1) { syscall($ARGV[2], -100, $ARGV[0], -100, $ARGV[1], 2) }', a, l, String(numbers.renameat2[process.arch === 'arm64' ? 1 : 0])])
  await new Promise((resolve) => swapper.once('spawn', resolve))
  try {
    body()
  } finally {
    swapper.kill('SIGKILL')
    await new Promise((resolve) => swapper.once('exit', resolve))
  }
}

// T-RO1 (GHSA-3q8j-pf29-vwv8), T-MASK1
test('no path outside becomes read-only or masked through a link that is swapped in', async () => {
  const { root, host } = scratch()
  for (const directory of [host, join(root, 'a')]) {
    mkdirSync(join(directory, 'x'), { recursive: true })
    writeFileSync(join(directory, 'f'), 'content')
  }
  symlinkSync(host, join(root, 'l'))
  const paths = [{ path: '/a/x', kind: 'directory' }, { path: '/a/f', kind: 'file' }] as const
  const seen = new Map<string, number>()
  await swapping(join(root, 'a'), join(root, 'l'), () => inMountNamespace(() => {
    // On a busy machine the swapper may not run at once.
    for (let i = 0; i < (emulated ? 50 : 300) || (seen.size < 2 && i < 20_000); i++) {
      const code = within(root, (fd) => [...openNull(), ...readOnlyPaths({ root: fd, paths }), ...mask({ root: fd, paths, nullSource: { fd: 'null' } })])
      seen.set(code, (seen.get(code) ?? 0) + 1)
      writeFileSync(join(host, 'x/probe'), '')
      expect(readFileSync(join(host, 'f'), 'utf8')).toBe('content')
    }
  }))
  expect([...seen.keys()].sort()).toEqual(['ENOENT', 'done'])
})

// CVE-2021-30465, CVE-2024-45310: on runc 1.1.5 a race like this one changed a directory of the host in 15 of 300 runs.
test('a link that is swapped in at any moment never leads outside', async () => {
  const { top, root, host } = scratch()
  mkdirSync(join(root, 'a'))
  symlinkSync(host, join(root, 'l'))
  await swapping(join(root, 'a'), join(root, 'l'), () => {
    const seen: Record<string, number> = {}
    inMountNamespace(() => {
      for (let i = 0; i < (emulated ? 100 : 1000) || (Object.keys(seen).length < 2 && i < 20_000); i++) {
        const code = within(root, (fd) => [...bind({ source: '/etc/hostname', root: fd, path: `/a/file${i % 50}`, kind: 'file', create: true }), ...tmpfs({ root: fd, path: `/a/dir${i % 50}`, create: true })])
        seen[code] = (seen[code] ?? 0) + 1
        expect(readdirSync(host)).toEqual([])
      }
    })
    expect(readdirSync(host)).toEqual([])
    // Both must have happened, or there was no race.
    expect(Object.keys(seen).sort()).toEqual(expect.arrayContaining(['done']))
    expect(Object.keys(seen).filter((code) => !['done', 'ENOENT', 'ENOTDIR', 'EEXIST', 'EAGAIN'].includes(code))).toEqual([])
    expect(Object.keys(seen).length).toBeGreaterThan(1)
    // The same by path, as a control: the race is real.
    for (let i = 0; i < 100_000 && readdirSync(host).length === 0; i++) perform([sys.mkdirat('AT_FDCWD', join(root, 'a/control'), 0o755, { allow: ['EEXIST', 'ENOENT', 'ENOTDIR'], why: 'a path is looked up anew each time' })])
    expect(readdirSync(host)).toEqual(['control'])
  })
  expect(readdirSync(top).sort()).toEqual(['host', 'root'])
})

// CVE-2021-30465 for every kind of mount of a config.json, devices and pipes: thousands of mounts while the link is swapped.
test('mounts and devices of an OCI config.json never land outside, whenever a link is swapped in', async () => {
  const { root, host } = scratch()
  for (const directory of [host, join(root, 'a')]) mkdirSync(join(directory, 'there'), { recursive: true })
  symlinkSync(host, join(root, 'l'))
  const before = snapshot(host)
  const make = (fd: { fd: string }, i: number): Program => {
    const { sources, detached, attach } = ociMounts({ root: fd, mounts: [
      { destination: `/a/file${i}`, source: '/etc/hostname', kind: 'file', options: ['bind', 'ro'] }, { destination: '/a/there', source: '/usr', options: ['bind'] }, { destination: `/a/new${i}/deep`, type: 'tmpfs', options: ['size=4k'] },
      { destination: '/a/there', options: ['remount', 'bind', 'nosuid'] },
    ] })
    return [...sources, ...detached, ...attach, ...devices({ root: fd, devices: [{ path: `/a/dev${i}/pipe`, type: 'p' }, { path: `/a/null${i}`, type: 'c', major: 1, minor: 3, uid: 1, gid: 1 }] })]
  }
  const seen = new Map<string, number>()
  await swapping(join(root, 'a'), join(root, 'l'), () => {
    const until = Date.now() + 20_000
    // Each in a namespace of its own, so that no mount is on top of those before.
    for (let round = 0; round < (emulated ? 1 : 10) || (seen.size < 2 && Date.now() < until); round++) inMountNamespace(() => {
      const table = () => readFileSync('/proc/thread-self/mountinfo', 'utf8').trimEnd().split('\n').map((line) => line.split(' ')[4]!).filter((path) => path !== join(root, 'a') && !path.startsWith(`${root}/`))
      const others = table()
      for (let i = 0; i < 100; i++) {
        const code = within(root, (fd) => make(fd, round * 100 + i))
        seen.set(code, (seen.get(code) ?? 0) + 1)
        expect(readdirSync(host)).toEqual(['there'])
      }
      expect(table()).toEqual(others)
    })
  })
  expect(snapshot(host)).toEqual(before)
  expect([...seen.keys()].filter((code) => !['done', 'ENOENT', 'ENOTDIR', 'EEXIST', 'EAGAIN', 'EINVAL'].includes(code))).toEqual([])
  expect([seen.has('done'), seen.size > 1]).toEqual([true, true])
})
