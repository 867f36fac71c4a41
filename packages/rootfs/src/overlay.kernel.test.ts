import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { scratch } from '../test/scratch.ts'
import { bind, overlayRoot, pivotRoot, privatePropagation } from './index.ts'

const root = { fd: 'root' }
const usr = ['usr', 'bin', 'lib', 'lib64'].flatMap((name) => bind({ source: `/${name}`, root, path: `/${name}`, kind: 'directory', create: true }))

test('the topmost layer wins, and no lower one is written to, whatever their names', async () => {
  const { top, root: at } = scratch()
  const names = ['a:b', 'c,d', 'e\\f', 'g h', 'i=j']
  for (const [i, name] of names.entries()) {
    mkdirSync(join(top, name))
    writeFileSync(join(top, name, 'which'), String(i))
    writeFileSync(join(top, name, `only${i}`), '')
  }
  const changes = join(top, 'changes')
  mkdirSync(changes)
  const program = [
    ...privatePropagation(),
    // An overlay cannot be the upper layer of another, and the machine's own /tmp may be on one.
    sys.mount('changes', changes, 'tmpfs', [], null, 'a place for changes'), ...['upper:,', 'work:,'].map((name) => sys.mkdirat('AT_FDCWD', join(changes, name), 0o755, 'a place for changes')),
    ...overlayRoot({ lowers: names.map((name) => join(top, name)), upper: join(changes, 'upper:,'), work: join(changes, 'work:,'), at, as: 'root' }),
    ...usr, ...bind({ source: join(changes, 'upper:,'), root, path: '/upper', kind: 'directory', create: true }), ...pivotRoot({ root })]
  expect((await shell(program, 'cat /which; echo; ls -d /only*; echo x > /which; rm /only3; ls /upper | grep -v usr')).text).toBe('0\n/only0\n/only1\n/only2\n/only3\n/only4\nbin\nlib\nlib64\nonly3\nupper\nwhich\n')
  for (const [i, name] of names.entries()) expect(readdirSync(join(top, name))).toEqual([`only${i}`, 'which'])
})

test('takes hundreds of layers by short, relative paths', async () => {
  const { top, root: at } = scratch()
  const lowers = Array.from({ length: 400 }, (_, i) => String(i))
  for (const name of lowers) { mkdirSync(join(top, name)); writeFileSync(join(top, name, `f${name}`), '') }
  for (const name of ['usr', 'bin', 'lib', 'lib64']) mkdirSync(join(top, '0', name))
  const program = [...privatePropagation(), sys.chdir(top, 'the paths are relative to it'), ...overlayRoot({ lowers, at, as: 'root' }), ...bindOnly(), ...pivotRoot({ root })]
  expect((await shell(program, 'ls -d /f* | wc -l; echo x > /new')).text).toMatch(/^400\n.*Read-only file system\n$/)
})

function bindOnly() {
  return ['usr', 'bin', 'lib', 'lib64'].flatMap((name) => bind({ source: `/${name}`, root, path: `/${name}`, kind: 'directory' }))
}

/** `lowerdir+` came with Linux 6.7. */
const [major = 0, minor = 0] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number)

test.skipIf(major < 6 || (major === 6 && minor < 7))('takes as many layers as Linux has, by absolute paths, one by one', async () => {
  const { top, root: at } = scratch()
  const lowers = Array.from({ length: 500 }, (_, i) => join(top, `${i}:${'x'.repeat(40)}`))
  for (const [i, path] of lowers.entries()) { mkdirSync(path); writeFileSync(join(path, `f${i}`), '') }
  for (const name of ['usr', 'bin', 'lib', 'lib64']) mkdirSync(join(lowers[0]!, name))
  const program = [...privatePropagation(), ...overlayRoot({ lowers, at, oneByOne: true, as: 'root' }), ...bindOnly(), ...pivotRoot({ root })]
  expect((await shell(program, 'ls -d /f* | wc -l; echo x > /new')).text).toMatch(/^500\n.*Read-only file system\n$/)
})

test('in a user namespace, with its notes in attributes of the user', async () => {
  const { top, root: at } = scratch()
  const ids = [[0, 0, 65536]] as const
  for (const name of ['a', 'b', 'changes']) mkdirSync(join(top, name, 'dir'), { recursive: true })
  writeFileSync(join(top, 'b/dir/file'), 'lowest\n')
  const changes = join(top, 'changes')
  const program = [
    ...privatePropagation(), sys.mount('changes', changes, 'tmpfs', [], null, 'a place for changes'), ...['upper', 'work'].map((name) => sys.mkdirat('AT_FDCWD', join(changes, name), 0o755, 'a place for changes')),
    ...overlayRoot({ lowers: [join(top, 'a'), join(top, 'b')], upper: join(changes, 'upper'), work: join(changes, 'work'), at, data: ['userxattr'], as: 'root' }), ...usr, ...pivotRoot({ root })]
  const { text } = await shell(program, 'cat /dir/file; echo changed > /dir/file; cat /dir/file; rm /dir/file; ls /dir; touch /dir/new && ls /dir', { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID'], idMaps: { uid: ids, gid: ids } })
  expect(text).toBe('lowest\nchanged\nnew\n')
})

test('EINVAL: upper and work are on different mounts', async () => {
  const { top, root: at } = scratch()
  for (const name of ['a', 'upper', 'work']) mkdirSync(join(top, name))
  const other = sys.mount('other', join(top, 'work'), 'tmpfs', [], null, 'another mount')
  await expect(shell([...privatePropagation(), other, ...overlayRoot({ lowers: [join(top, 'a')], upper: join(top, 'upper'), work: join(top, 'work'), at, as: 'root' })], 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'mount' })
})

test('ENOENT: a layer is missing', async () => {
  const { top, root: at } = scratch()
  await expect(shell([...privatePropagation(), ...overlayRoot({ lowers: [top, join(top, 'nothing')], at, as: 'root' })], 'true')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'mount' })
})
