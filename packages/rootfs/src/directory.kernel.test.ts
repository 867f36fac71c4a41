import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { container } from '../test/default-root.ts'
import { shell } from '../test/container.ts'
import { programs } from '../test/programs.ts'
import { scratchNull } from '../test/scratch-null.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { bind, directoryRoot, moveRoot, pivotRoot, privatePropagation, proc, readOnlyRoot, workingDirectory, type DirectoryRootOptions } from './index.ts'

const root = { fd: 'root' }
const rooted = (source: string, options: Partial<DirectoryRootOptions> = {}) => container([...directoryRoot({ source, as: 'root', ...options }), ...programs], { pivot: false })

for (const [how, options] of [['on /', {}], ['on itself', { at: 'itself' }]] as const)
  test(`a directory mounted ${how} is the root, and nothing else of the host's is in reach`, async () => {
    const { root: directory } = scratch()
    const { text } = await shell([...rooted(directory, 'at' in options ? { at: directory } : {}), ...pivotRoot({ root })], `pwd; ls -A / | tr '\\n' ' '; ls -A ../../.. | wc -l; touch /written; cut -d' ' -f5 /proc/self/mountinfo | grep -c '^/\\(usr\\|bin\\|lib\\|lib64\\|\\)$'`)
    expect(text).toBe('/\nbin dev lib lib64 proc sys usr 7\n5\n')
    expect(readdirSync(directory)).toContain('written')
  })

test('a whole root in a user namespace: masks and settings hold there as well', async () => {
  const { top, root: directory } = scratch()
  const ids = [[0, 0, 65536]] as const
  const program = [...container([...directoryRoot({ source: directory, as: 'root' }), ...programs], { pivot: false, nodes: 'bind', ...scratchNull(top) }), ...readOnlyRoot({ root }), ...pivotRoot({ root })]
  const { text } = await shell(program, 'touch /x; chmod $(stat -c %a /proc/sys) /proc/sys; cat /proc/timer_list; chmod 0 /proc/timer_list; umount /proc/timer_list; stat -c %t:%T /proc/timer_list; echo x > /dev/null && echo fine', {
    namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID', 'CLONE_NEWIPC', 'CLONE_NEWNET', 'CLONE_NEWUTS'], idMaps: { uid: ids, gid: ids } })
  // Whoever is root in the user namespace may unmount what was mounted in it: bounding the capabilities is for another package.
  expect(text).toMatch(/^touch: .*Read-only file system\nchmod: .*(Read-only file system|Operation not permitted)\nchmod: .*(Read-only file system|Operation not permitted)\n(0:0|1:3)\nfine\n$/)
})

test('devices of the image do not open, unless asked for', async () => {
  const { root: directory } = scratch()
  const look = 'mknod /null c 1 3; cat /null && echo opens'
  expect((await shell([...rooted(directory), ...pivotRoot({ root })], look)).text).toBe('cat: /null: Permission denied\n')
  expect((await shell([...rooted(directory, { attributes: [] }), ...pivotRoot({ root })], look)).text).toMatch(/opens\n$/)
})

test('a mount that a link leads onto the root itself does not keep the host in reach', async () => {
  const { root: directory, host } = scratch()
  const program = [...rooted(directory), sys.symlinkat('/', root, 'link', 'a hostile image'), ...bind({ source: host, root, path: '/link', kind: 'directory' }), ...pivotRoot({ root })]
  const { text } = await shell(program, `ls -A / | tr '\\n' ' '; ls -A /..; cut -d' ' -f5 /proc/self/mountinfo | grep -cv '^/\\(usr\\|bin\\|lib\\|lib64\\|proc\\|sys\\|dev\\)'`)
  // The volume is on top of /, where only /.. leads to; the old root is gone.
  expect(text).toBe('bin dev lib lib64 link proc sys usr 2\n')
})

test('mounts below come with it when asked for', async () => {
  const { root: directory } = scratch()
  mkdirSync(join(directory, 'below'))
  const below = [...privatePropagation(), sys.mount('below', join(directory, 'below'), 'tmpfs', [], null, 'a mount below'), sys.mkdirat('AT_FDCWD', join(directory, 'below/seen'), 0o755, 'something on it')]
  expect((await shell([...below, ...rooted(directory), ...pivotRoot({ root })], 'ls /below')).text).toBe('')
  expect((await shell([...below, ...rooted(directory, { recursive: true }), ...pivotRoot({ root })], 'ls /below')).text).toBe('seen\n')
})

test('ENOENT: there is no such directory', async () => {
  const { root: directory } = scratch()
  await expect(shell([...privatePropagation(), ...directoryRoot({ source: join(directory, 'nothing'), as: 'root' })], 'true')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open_tree' })
})

test('pivot_root, EINVAL: the root is a directory of a mount, or a file system with shared mounts', async () => {
  const { root: directory } = scratch()
  const plain = [...privatePropagation(), sys.openat('AT_FDCWD', directory, ['O_PATH', 'O_CLOEXEC', 'O_DIRECTORY'], 0, { as: 'root', why: 'no mount of its own' }), ...pivotRoot({ root })]
  await expect(shell(plain, 'true')).rejects.toMatchObject({ code: expect.stringMatching(/EINVAL|EBUSY/) as string, syscall: 'pivot_root' })
})

// The way out of a chroot(2): another one, with the working directory left outside of it, and then up.
const escape = 'chroot "/usr"; chdir ".." for 1 .. 99; opendir(D, "."); print join " ", sort grep !/^\\./, readdir D'

test.each([['on /', {}, {}, 'bin lib lib64 proc script usr'], ['elsewhere', { at: 'itself' }, { onSlash: false }, 'bin lib lib64 proc script usr'], ['that was not moved, as a control', { at: 'itself' }, {}, readdirSync('/').filter((name) => !name.startsWith('.')).sort().join(' ')]] as const)(
  'where pivot_root cannot be used: what is above the chroot of a root %s', async (_, how, where, above) => {
    const { root: directory } = scratch()
    writeFileSync(join(directory, 'script'), escape)
    const program = [...privatePropagation(), ...directoryRoot({ source: directory, as: 'root', ...('at' in how ? { at: directory } : {}) }), ...programs, ...proc({ root }), ...moveRoot({ root, ...where })]
    const { text } = await shell(program, `pwd; ls -A ../../.. | tr '\n' ' '; echo; perl /script`)
    expect(text).toBe(`/\nbin lib lib64 proc script usr \n${above}`)
  })

test('EINVAL: the root to be moved is no mount', async () => {
  const { root: directory } = scratch()
  const open = sys.openat('AT_FDCWD', directory, ['O_CLOEXEC', 'O_PATH', 'O_DIRECTORY'], 0, { as: 'root', why: 'a directory only' })
  await expect(shell([...privatePropagation(), open, ...moveRoot({ root, onSlash: false })], 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'move_mount' })
})

// CVE-2024-21626: a working directory of /proc/self/fd/N was one of the host's.
test('the working directory is never outside', async () => {
  const { root: directory, host, top } = scratch()
  const before = snapshot(host)
  const make = (path: string, create = false) => [
    ...rooted(directory), sys.openat('AT_FDCWD', top, ['O_DIRECTORY'], 0, { as: 'leak', why: 'a caller that is not careful' }),
    sys.symlinkat(`../../../../..${host}`, root, 'up', 'a hostile image'), sys.symlinkat('/proc/self/fd/9', root, 'fd', 'a hostile image'), ...pivotRoot({ root }), ...workingDirectory({ path, create })]
  const clean = () => shell([...privatePropagation(), sys.chdir(directory, 'tidy'), sys.unlinkat('AT_FDCWD', 'up', [], { why: 'tidy', allow: ['ENOENT'] }), sys.unlinkat('AT_FDCWD', 'fd', [], { why: 'tidy', allow: ['ENOENT'] })], 'true')
  for (let fd = 0; fd < 12; fd++) {
    const error = await shell(make(`/proc/self/fd/${fd}`), 'pwd').catch((each: unknown) => each)
    expect((error as { code: string }).code).toMatch(/^(ELOOP|ENOENT|ENOTDIR)$/)
    await clean()
  }
  for (const path of ['/up', '/up/deeper', '/fd']) {
    await expect(shell(make(path), 'pwd')).rejects.toMatchObject({ code: expect.stringMatching(/ENOENT|ELOOP/) as string, syscall: 'openat2' })
    await clean()
  }
  // CVE-2026-55686: making it must not follow the link out either.
  await expect(shell(make('/up/new', true), 'pwd')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(snapshot(host)).toEqual(before)
})
