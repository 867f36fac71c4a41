import { sys, type Program } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { expect, test } from 'vitest'
import { container } from '../test/default-root.ts'
import { shell } from '../test/container.ts'
import { inMountNamespace } from '../test/namespace.ts'
import { scratch } from '../test/scratch.ts'
import { dev, directoryRoot, filesystem, hostRoot, pivotRoot, privatePropagation, proc, sysfs, tmpfs, workingDirectory } from './index.ts'

const root = { fd: 'root' }
const ids = [[0, 0, 65536]] as const
const unprivileged = (...namespaces: ('CLONE_NEWPID' | 'CLONE_NEWNET')[]) => ({ namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', ...namespaces], idMaps: { uid: ids, gid: ids } }) as const
const code = (program: Program) => inMountNamespace(() => {
  try {
    perform(program)
    return 'done'
  } catch (error) {
    const { syscall, code } = error as { syscall?: string; code?: string }
    return `${syscall} ${code}`
  }
})

test('ENODEV: a type that the kernel does not know', () => {
  expect(code(filesystem({ type: 'nosuchfs', as: 'x' }))).toBe('fsopen ENODEV')
})

test('EINVAL: an option that the file system does not know, or a value that makes no sense', () => {
  expect(code(filesystem({ type: 'tmpfs', data: ['nonsense'], as: 'x' }))).toBe('fsconfig EINVAL')
  expect(code(filesystem({ type: 'tmpfs', data: ['size=much'], as: 'x' }))).toBe('fsconfig EINVAL')
})

test('EPERM: in a user namespace without an own PID or network namespace', async () => {
  const { root: directory } = scratch()
  const base = [...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' })]
  await expect(shell([...base, ...proc({ root })], 'true', unprivileged())).rejects.toMatchObject({ code: 'EPERM' })
  await expect(shell([...base, ...sysfs({ root })], 'true', unprivileged('CLONE_NEWPID'))).rejects.toMatchObject({ code: 'EPERM' })
  const both = [...base, ...proc({ root }), ...sysfs({ root })]
  await expect(shell(both, 'true', unprivileged('CLONE_NEWPID', 'CLONE_NEWNET'))).resolves.toMatchObject({ status: 0 })
})

test('EPERM: a block device\'s file system in a user namespace', async () => {
  await expect(shell([...privatePropagation(), ...filesystem({ type: 'ext4', source: '/dev/null', as: 'x' })], 'true', unprivileged())).rejects.toMatchObject({ code: 'EPERM' })
})

test('a tmpfs has its size, mode and flags', async () => {
  const { root: at } = scratch()
  const program = [...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...proc({ root }), ...tmpfs({ root, path: '/new/place', create: true, sizeBytes: 1 << 20, mode: 0o710, attributes: ['MOUNT_ATTR_NOEXEC', 'MOUNT_ATTR_NOATIME'] }), ...pivotRoot({ root })]
  const { text } = await shell(program, `stat -c %a /new/place; df -k --output=size /new/place | tail -1; grep /new/place /proc/self/mountinfo | cut -d' ' -f6`)
  expect(text.split('\n').map((line) => line.trim())).toEqual(['710', '1024', 'rw,noexec,noatime', ''])
})

test('EACCES: the user may not search the working directory', async () => {
  const { root: at } = scratch()
  const user = [sys.setresgid(1000, 1000, 1000, 'a user'), sys.setresuid(1000, 1000, 1000, 'a user')]
  await expect(shell([...container(hostRoot({ at, as: 'root' })), ...user, ...workingDirectory({ path: '/root' })], 'true')).rejects.toMatchObject({ code: 'EACCES' })
})

test('EPERM: message queues in a user namespace without an own IPC namespace', async () => {
  const { root: directory } = scratch()
  const program = [...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...proc({ root }), ...sysfs({ root }), ]
  await expect(shell([...program, ...dev({ root, nodes: 'bind' })], 'true', unprivileged('CLONE_NEWPID', 'CLONE_NEWNET'))).rejects.toMatchObject({ code: 'EPERM', syscall: 'mount' })
  await expect(shell([...program, ...dev({ root, nodes: 'bind', mqueue: false })], 'true', unprivileged('CLONE_NEWPID', 'CLONE_NEWNET'))).resolves.toMatchObject({ status: 0 })
})
