import { lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { container, kinds } from '../test/default-root.ts'
import { shell } from '../test/container.ts'
import { programs } from '../test/programs.ts'
import { scratchNull } from '../test/scratch-null.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { bind, defaultMaskedPaths, defaultReadOnlyPaths, directoryRoot, hostRoot, mask, openNull, pivotRoot, privatePropagation, proc, readOnlyPaths, readOnlyRoot, thermalThrottlePaths } from './index.ts'

const root = { fd: 'root' }
const host = (at: string) => container(hostRoot({ at, as: 'root' }))

test('files read as empty, directories are empty', async () => {
  const { root: at } = scratch()
  const there = kinds(defaultMaskedPaths)
  expect(there.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['file', 'directory']))
  const { text } = await shell(host(at), there.map(({ path, kind }) => kind === 'file' ? `cat ${path}; stat -c '%n %t:%T' ${path}` : `ls -A ${path}; touch ${path}/x 2>/dev/null || echo ${path} closed`).join('\n'))
  expect(text).toBe(there.map(({ path, kind }) => kind === 'file' ? `${path} 1:3\n` : `${path} closed\n`).join(''))
})

test('the mode and owner of the host\'s /dev/null do not change through a mask', async () => {
  const { top, root: at } = scratch()
  const [file] = kinds(defaultMaskedPaths).filter(({ kind }) => kind === 'file')
  const device = scratchNull(top)
  const before = statSync(device.path)
  const { text } = await shell(container(hostRoot({ at, as: 'root' }), device), `chmod 0 ${file!.path}; chown 1 ${file!.path}; echo x > ${file!.path} && echo written to null`)
  expect(text).toMatch(/Read-only file system\n.*Read-only file system\nwritten to null\n$/)
  expect(statSync(device.path)).toMatchObject({ mode: before.mode, uid: before.uid, ctimeMs: before.ctimeMs })
})

// T-MASK1 (CVE-2025-31133): runc 1.1.5 bound whatever the container's /dev/null led to over the masked file.
test('the null device is the host\'s, whatever the container\'s /dev/null is', async () => {
  const { root: directory, host: volume } = scratch()
  symlinkSync('/proc/sys/kernel/core_pattern', join(volume, 'null'))
  for (const name of ['dev', 'bin', 'lib', 'lib64', 'usr']) mkdirSync(join(directory, name))
  const program = [
    ...privatePropagation(), ...openNull(), ...directoryRoot({ source: directory, as: 'root' }), ...proc({ root }),
    ...['bin', 'lib', 'lib64', 'usr'].flatMap((name) => bind({ source: `/${name}`, root, path: `/${name}`, kind: 'directory' })),
    ...bind({ source: volume, root, path: '/dev', kind: 'directory' }),
    ...mask({ root, nullSource: { fd: 'null' }, paths: [{ path: '/proc/timer_list', kind: 'file' }] }), ...pivotRoot({ root }),
  ]
  const { text } = await shell(program, 'cat /proc/timer_list; stat -c %t:%T /proc/timer_list')
  expect(text).toBe('1:3\n')
  expect(lstatSync(join(volume, 'null')).isSymbolicLink()).toBe(true)
})

test('a masked path that is a link of the image covers a place inside only', async () => {
  const { root: directory, host: outside } = scratch()
  writeFileSync(join(outside, 'secret'), 'secret')
  symlinkSync(join(outside, 'secret'), join(directory, 'link'))
  const before = snapshot(outside)
  const started = shell([...privatePropagation(), ...openNull(), ...directoryRoot({ source: directory, as: 'root' }), ...mask({ root, nullSource: { fd: 'null' }, paths: [{ path: '/link', kind: 'file' }] })], 'true')
  await expect(started).rejects.toMatchObject({ code: 'ENOENT', syscall: 'openat2' })
  expect(snapshot(outside)).toEqual(before)
})

test('what is below a masked directory is hidden with it, whatever the order; a path that leads out of it is not', async () => {
  const { root: directory } = scratch()
  mkdirSync(join(directory, 'outer/inner'), { recursive: true })
  for (const path of ['outer/file', 'outer/inner/file', 'other']) writeFileSync(join(directory, path), 'secret')
  for (const paths of [
    [{ path: '/outer', kind: 'directory' }, { path: '/outer//inner', kind: 'directory' }, { path: '/outer/file', kind: 'file' }, { path: '/outer/inner/file', kind: 'file' }, { path: '/outer/../other', kind: 'file' }],
    [{ path: '/outer/inner/file', kind: 'file' }, { path: '/outer/inner', kind: 'directory' }, { path: '/outer/', kind: 'directory' }, { path: '/outer/../other', kind: 'file' }],
  ] as const) {
    const program = [...privatePropagation(), ...openNull(), ...directoryRoot({ source: directory, as: 'root' }), ...programs, ...mask({ root, nullSource: { fd: 'null' }, paths }), ...pivotRoot({ root })]
    expect((await shell(program, 'ls -A /outer; cat /other; echo end')).text).toBe('end\n')
  }
})

// moby GHSA-6fw5-f8r9-fgfm; few virtual machines have them, so one is made up
test('what tells how hot each processor was', async () => {
  const { root: directory } = scratch()
  const paths = thermalThrottlePaths([0, 11])
  expect(paths).toEqual(['/sys/devices/system/cpu/cpu0/thermal_throttle', '/sys/devices/system/cpu/cpu11/thermal_throttle'])
  for (const path of paths) mkdirSync(join(directory, path, 'counters'), { recursive: true })
  const program = [...privatePropagation(), ...openNull(), ...directoryRoot({ source: directory, as: 'root' }), ...programs, ...mask({ root, nullSource: { fd: 'null' }, paths: paths.map((path) => ({ path, kind: 'directory' })) }), ...pivotRoot({ root })]
  expect((await shell(program, `ls -A ${paths.join(' ')}`)).text).toBe(`${paths[0]}:\n\n${paths[1]}:\n`)
})

// T-RO1 and T-DEFMASK
test('the kernel\'s settings are read-only', async () => {
  const { root: at } = scratch()
  const there = kinds(defaultReadOnlyPaths)
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8')
  const { text } = await shell(host(at), `${there.map(({ path }) => `chmod $(stat -c %a ${path}) ${path}`).join('\n')}\ncat /proc/sys/kernel/core_pattern > /proc/sys/kernel/core_pattern; cat /proc/sys/kernel/core_pattern`)
  expect(text.match(/Read-only file system/g)?.length).toBe(there.length + 1)
  expect(text.endsWith(pattern)).toBe(true)
})

test('a read-only path is so with all that is mounted below it', async () => {
  const { root: at } = scratch()
  const program = [
    ...privatePropagation(), ...hostRoot({ at, as: 'root' }),
    sys.fchdir(root, 'below the root'), sys.mount('inner', 'srv', 'tmpfs', [], null, 'a mount'), sys.mkdirat('AT_FDCWD', 'srv/deep', 0o755, 'below it'), sys.mount('deep', 'srv/deep', 'tmpfs', [], null, 'another'),
    ...readOnlyPaths({ root, paths: [{ path: '/srv', kind: 'directory' }, { path: '/etc/hostname', kind: 'file' }] }), ...pivotRoot({ root }),
  ]
  const { text } = await shell(program, 'touch /srv/x; touch /srv/deep/x; echo x > /etc/hostname; touch /etc/other && echo fine')
  expect(text.match(/Read-only file system/g)?.length).toBe(3)
  expect(text.endsWith('fine\n')).toBe(true)
})

test('a read-only root leaves what is mounted on it writable', async () => {
  const { root: at } = scratch()
  const program = container(hostRoot({ at, as: 'root' }), { pivot: false })
  const { text } = await shell([...program, ...readOnlyRoot({ root }), ...pivotRoot({ root })], 'touch /x; touch /dev/shm/x && echo shm; touch /tmp/x')
  expect(text).toMatch(/^touch: cannot touch '\/x': Read-only file system\nshm\ntouch: .*Read-only file system\n$/)
})
