import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { programs } from '../test/programs.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { devices, directoryRoot, openDevices, pivotRoot, privatePropagation, proc, tmpfs, type Device, type DevicesOptions } from './index.ts'

const root = { fd: 'root' }
const ids = [[0, 0, 65536]] as const
const rooted = (directory: string, list: readonly Device[], options: Partial<DevicesOptions> = {}) => [
  ...(options.nodes === 'bind' ? openDevices(list) : []), ...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...proc({ root }), ...programs,
  ...tmpfs({ root, path: '/dev', create: true, mode: 0o755, attributes: [] }), ...devices({ root, devices: list, ...options }), ...pivotRoot({ root })]

test('devices and pipes have their number, mode and owner', async () => {
  const { root: directory } = scratch()
  const list: readonly Device[] = [
    { path: '/dev/xnull', type: 'c', major: 1, minor: 3, fileMode: 0o666, uid: 1000, gid: 1001 }, { path: '/dev/net/tun', type: 'u', major: 10, minor: 200, fileMode: 0o600 },
    { path: '/dev/disk', type: 'b', major: 259, minor: 0x12345, fileMode: 0o640, gid: 6 }, { path: '/dev/pipe', type: 'p', fileMode: 0o622 },
  ]
  const { text } = await shell(rooted(directory, list, { umask: 0o077 }), `cd /dev; stat -c '%n %F %t:%T %a %u:%g' xnull net/tun disk pipe; stat -c %a net; echo x > xnull && umask`)
  expect(text).toBe('xnull character special file 1:3 666 1000:1001\nnet/tun character special file a:c8 600 0:0\ndisk block special file 103:12345 640 0:6\npipe fifo 0:0 622 0:0\n755\n0077\n')
})

test('in a user namespace they are the host\'s', async () => {
  const { root: directory } = scratch()
  const list: readonly Device[] = [{ path: '/dev/zero', type: 'c', major: 1, minor: 5 }, { path: '/dev/pipe', type: 'p' }]
  const options = { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID'], idMaps: { uid: ids, gid: ids } } as const
  expect((await shell(rooted(directory, list, { nodes: 'bind' }), 'head -c 2 /dev/zero | od -An -c; test -p /dev/pipe && echo pipe', options)).text.replace(/ +/g, ' ')).toBe(' \\0 \\0\npipe\n')
  await expect(shell(rooted(directory, list), 'true', options)).rejects.toMatchObject({ code: 'EPERM', syscall: 'mknodat' })
  await expect(shell(rooted(directory, [{ path: '/dev/p', type: 'p', uid: 70_000 }]), 'true', options)).rejects.toMatchObject({ code: 'EINVAL', syscall: 'fchownat' })
})

test('ENOENT: the host has no such device', async () => {
  const { root: directory } = scratch()
  await expect(shell(rooted(directory, [{ path: '/dev/ctr-nothing', type: 'c', major: 1, minor: 3 }], { nodes: 'bind' }), 'true')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open_tree' })
})

test('EEXIST: a file of the image has the name', async () => {
  const { root: directory } = scratch()
  mkdirSync(join(directory, 'taken'))
  await expect(shell(rooted(directory, [{ path: '/taken', type: 'p' }]), 'true')).rejects.toMatchObject({ code: 'EEXIST', syscall: 'mknodat' })
})

// CVE-2026-41579: nothing is made, and nobody owns anything, where a link of the image leads on the host.
for (const nodes of ['mknod', 'bind'] as const)
  test(`no link of the image leads a device out of the root (${nodes})`, async () => {
    const { root: directory, host } = scratch()
    mkdirSync(join(directory, 'inside'))
    symlinkSync(host, join(directory, 'absolute'))
    symlinkSync(`../../../../..${host}`, join(directory, 'up'))
    symlinkSync(join(host, 'null'), join(directory, 'null'))
    const before = snapshot(host)
    for (const path of ['/absolute/null', '/up/null', '/absolute/../null', '/null']) {
      const device: Device = { path, type: 'c', major: 1, minor: 3, uid: 1 }
      // There is no device of this name on the host to take.
      const error: unknown = await shell(rooted(directory, [device], { nodes }).map((call) => (call.as === 'device 0' ? { ...call, args: ['AT_FDCWD', '/dev/null', call.args[2]!] } : call)), 'true').catch((each: unknown) => each)
      expect(error instanceof Error ? (error as { code?: string }).code : 'done').toMatch(/^(done|EEXIST|ENOENT)$/)
      expect(snapshot(host)).toEqual(before)
    }
    expect(readdirSync(join(directory, 'inside'))).toEqual([])
  })
