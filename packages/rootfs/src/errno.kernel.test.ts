import { mkdirSync, openSync, closeSync, rmdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { launch } from '@ctr/launch'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { inMountNamespace } from '../test/namespace.ts'
import { protect } from '../test/protect.ts'
import { scratch } from '../test/scratch.ts'
import { attach, directoryRoot, filesystem, filesystemByMount, hostRoot, moveRoot, ociMounts, openSource, overlayRoot, privatePropagation, propagation, remount, setAttributes, target } from './index.ts'

const root = { fd: 'root' }
const ids = [[0, 0, 65536]] as const
const unprivileged = { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID'], idMaps: { uid: ids, gid: ids } } as const
const overlayHost = statfsSync('/tmp').type === 0x794c7630

test('open_tree, EINVAL: in a user namespace, what is below mounts of the host cannot be seen by leaving them away', async () => {
  for (const program of [openSource({ source: '/', as: 'source' }), directoryRoot({ source: '/', as: 'root' })])
    await expect(shell(program, 'true', unprivileged)).rejects.toMatchObject({ code: 'EINVAL', syscall: 'open_tree' })
})

test('move_mount, ENOENT: the mount point was removed meanwhile', () => {
  const { root: directory } = scratch()
  mkdirSync(join(directory, 'point'))
  inMountNamespace(() => {
    const fd = openSync(directory, 'r')
    const { fds } = perform([...target({ root, path: 'point', kind: 'directory', as: 'target' }), ...filesystem({ type: 'tmpfs', as: 'mount' })], { root: fd })
    rmdirSync(join(directory, 'point'))
    expect(() => perform(attach({ fd: 'mount' }, { fd: 'target' }), fds)).toThrow(expect.objectContaining({ code: 'ENOENT', syscall: 'move_mount' }) as Error)
    for (const each of [fd, ...Object.values(fds)]) closeSync(each)
  })
})

test('mount_setattr, EINVAL: an ID mapping of an overlay', async () => {
  const { top, root: at } = scratch()
  for (const name of ['a', 'b']) mkdirSync(join(top, name))
  const holder = await launch([sys.execve('/bin/sleep', ['sleep', '60'], [], 'the namespace needs somebody in it')], { namespaces: ['CLONE_NEWUSER'], idMaps: { uid: ids, gid: ids } })
  const userns = openSync(`/proc/${holder.pid}/ns/user`, 'r')
  try {
    const program = [...privatePropagation(), ...overlayRoot({ lowers: [join(top, 'a'), join(top, 'b')], at, as: 'root' }), ...openSource({ source: at, as: 'source' }), setAttributes({ fd: 'source' }, { idMap: { fd: 'ids' } }, 'a test')]
    await expect(shell(program, 'true', { pass: { ids: userns } })).rejects.toMatchObject({ code: 'EINVAL', syscall: 'mount_setattr' })
  } finally {
    closeSync(userns)
    holder.kill()
    await holder.closed
  }
})

test('mount_setattr, EPERM: in a user namespace, a mount of the host stays read-only', async () => {
  // All is read-only here: what the host is to the user namespace.
  const host = await launch([...protect(), sys.execve('/bin/sleep', ['sleep', '60'], [], 'somebody has to be there')], { namespaces: ['CLONE_NEWNS'] })
  const open = sys.openat('AT_FDCWD', '/', ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], 0, { as: 'root', why: 'the root to look in' })
  const program = [open, ...remount({ root, path: '/proc', attributes: [{ clear: ['MOUNT_ATTR_RDONLY'] }], data: [] }), sys.execve('/bin/true', ['true'], [], 'it must not come to this')]
  try {
    await expect(launch(program, { ...unprivileged, join: { pidfd: host.pidfd, namespaces: ['CLONE_NEWNS'] } })).rejects.toMatchObject({ code: 'EPERM', syscall: 'mount_setattr' })
  } finally {
    host.kill()
    await host.closed
  }
})

test('mount, ENOENT and EINVAL: options of an overlay', async () => {
  const [missing, none] = [filesystemByMount({ type: 'overlay', data: ['lowerdir=/not/there:/etc'], as: 'x' }), filesystemByMount({ type: 'overlay', data: ['nonsense'], as: 'x' })]
  await expect(shell([...privatePropagation(), ...missing], 'true')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'mount' })
  await expect(shell([...privatePropagation(), ...none], 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'mount' })
})

test('mount, EINVAL: a layer on a mount of another namespace', async () => {
  const { top, root: at } = scratch()
  for (const name of ['a', 'b']) mkdirSync(join(top, name))
  const fd = openSync(top, 'r')
  const go = sys.fchdir({ fd: 'host' }, 'the directory as the host has it')
  try {
    await expect(shell([...privatePropagation(), go, ...overlayRoot({ lowers: ['a', 'b'], at, as: 'root' })], 'true', { pass: { host: fd } })).rejects.toMatchObject({ code: 'EINVAL', syscall: 'mount' })
  } finally {
    closeSync(fd)
  }
})

/** A directory on as many overlays as there can be on top of each other: two (FILESYSTEM_MAX_STACK_DEPTH in include/linux/fs.h). */
function highest(top: string): { readonly program: Program; readonly path: string } {
  const levels = overlayHost ? ['1'] : ['1', '2']
  for (const name of ['0', 'empty', ...levels]) mkdirSync(join(top, name))
  return { path: join(top, levels.at(-1)!), program: levels.flatMap((name, i) => [sys.mount('overlay', join(top, name), 'overlay', [], `lowerdir=${join(top, String(i))}:${join(top, 'empty')}`, 'one more')]) }
}

test('EINVAL: a third overlay on top of two', async () => {
  const { top } = scratch()
  const { program, path } = highest(top)
  const { detached, attach: attached } = ociMounts({ root, mounts: [{ destination: 'usr', type: 'tmpfs', options: ['tmpcopyup'] }] })
  mkdirSync(join(top, '0/usr'))
  await expect(shell([...privatePropagation(), ...program, ...detached, ...directoryRoot({ source: path, as: 'root' }), ...attached], 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'fsconfig' })
  const host = [...privatePropagation(), ...program, sys.chroot(path, 'the host\'s root is such a directory'), sys.chdir('/', 'within it'), ...hostRoot({ at: '/usr', as: 'root' })]
  await expect(shell(host, 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'mount' })
})

test('move_mount, EINVAL: a root on a mount that is shared cannot be moved', async () => {
  const { root: directory } = scratch()
  const program = [...privatePropagation(), ...directoryRoot({ source: directory, at: directory, as: 'root' }), ...propagation('rshared', '/'), ...moveRoot({ root, onSlash: false })]
  await expect(shell(program, 'true')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'move_mount' })
})
