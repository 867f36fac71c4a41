import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { container } from '../test/default-root.ts'
import { shell } from '../test/container.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { bind, hostRoot, pivotRoot, privatePropagation, workingDirectory } from './index.ts'

const root = { fd: 'root' }

test('the host is there, and nothing is written back', async () => {
  const { top, root: at } = scratch()
  const before = [...snapshot('/etc'), ...snapshot(top)]
  const { text, status } = await shell(container(hostRoot({ at, as: 'root' })), `
    echo changed > /etc/hostname; rm /etc/passwd; mkdir -p /usr/ctr-test/deep; chmod 700 /etc; touch /ctr-test; ln -sf /x /etc/ctr-test
    cat /etc/hostname; ls /etc/passwd 2>/dev/null; ls -d /usr/ctr-test/deep /ctr-test; stat -c %a /etc`)
  expect({ text, status }).toEqual({ text: 'changed\n/ctr-test\n/usr/ctr-test/deep\n700\n', status: 0 })
  expect([...snapshot('/etc'), ...snapshot(top)]).toEqual(before)
  expect(existsSync('/ctr-test') || existsSync('/usr/ctr-test')).toBe(false)
})

test('/run and /tmp are empty, and no mount of the host is left', async () => {
  const { root: at } = scratch()
  const { text } = await shell(container(hostRoot({ at, as: 'root' })), `ls -A /run /tmp; stat -c '%n %a' /run /tmp; cut -d' ' -f5 /proc/self/mountinfo | sort; grep -c shared: /proc/self/mountinfo`)
  const [listing, ...rest] = text.split('/run 755\n/tmp 1777\n')
  expect(listing).toBe('/run:\n\n/tmp:\n')
  const mounts = rest[0]!.trimEnd().split('\n')
  expect(mounts.at(-1)).toBe('0')
  expect(mounts.filter((path) => !/^\/(proc|sys|dev)\//.test(path))).toEqual(['/', '/dev', '/proc', '/sys', '0'])
  expect(text).not.toContain(at)
})

test('what can be written is limited', async () => {
  const { root: at } = scratch()
  const { text } = await shell(container(hostRoot({ at, as: 'root', sizeBytes: 1 << 20 })), 'head -c 2000000 /dev/zero > /big; stat -c %s /big')
  expect(text).toContain('No space left on device')
  expect(Number(/(\d+)\n$/.exec(text)![1])).toBeLessThanOrEqual(1 << 20)
})

test('device files outside of /dev do not open', async () => {
  const { root: at } = scratch()
  const { text } = await shell(container(hostRoot({ at, as: 'root' })), 'mknod /null c 1 3 && cat /null; cat /dev/null && echo fine')
  expect(text).toBe('cat: /null: Permission denied\nfine\n')
})

test('other file systems of the host show read-only', async () => {
  const { root: at } = scratch()
  const other = [...privatePropagation(), sys.mount('other', '/srv', 'tmpfs', [], null, 'another disk'), sys.mkdirat('AT_FDCWD', '/srv/data', 0o755, 'with something on it')]
  const { text } = await shell([...other, ...container(hostRoot({ at, as: 'root', mounts: ['/srv'] }))], 'ls /srv; touch /srv/x; ls /srv')
  expect(text).toMatch(/^data\ntouch: .*Read-only file system\ndata\n$/)
  const without = await shell([...other, ...container(hostRoot({ at, as: 'root' }))], 'ls /srv')
  expect(without.text).toBe('')
})

test('other file systems of the host copy-on-write, each with its own changes', async () => {
  const { root: at, host } = scratch()
  const names = ['a:b', 'c,d'].map((name) => join(host, name))
  const disks = [...privatePropagation(), ...names.flatMap((name) => [sys.mkdirat('AT_FDCWD', name, 0o755, 'a place'), sys.mount('disk', name, 'tmpfs', [], null, 'another disk'), sys.mkdirat('AT_FDCWD', join(name, 'data'), 0o755, 'with something on it')])]
  // /tmp is not emptied here, because what is shown is in it
  const program = container(hostRoot({ at, as: 'root', empty: {}, mounts: names.map((path) => ({ path, copyOnWrite: true })) }), { pivot: false })
  const look = [sys.mkdirat(root, 'mnt/real', 0o755, 'to look at the disk itself'), ...bind({ source: names[0]!, root, path: '/mnt/real', kind: 'directory' })]
  const { text } = await shell([...disks, ...program, ...look, ...pivotRoot({ root })], `cd '${names[0]}'; touch x; rmdir data; ls; ls '${names[1]}'; touch '${names[1]}/y'; ls '${names[1]}'; ls /mnt/real; ls -A /..`)
  expect(text.split('\n').slice(0, 6)).toEqual(['x', 'data', 'data', 'y', 'data', expect.any(String) as string])
})

test('the working directory is in it', async () => {
  const { root: at } = scratch()
  const { text } = await shell([...container(hostRoot({ at, as: 'root' })), ...workingDirectory({ path: '/var/new/deep', create: true })], 'pwd; ls -d ../../../*/new')
  expect(text).toBe('/var/new/deep\n../../../var/new\n')
})

test('EINVAL: in a user namespace the host keeps its mounts on', async () => {
  const { root: at } = scratch()
  const ids = [[0, 0, 65536]] as const
  const started = shell([...privatePropagation(), ...hostRoot({ at, as: 'root' })], 'true', {
    namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID'], idMaps: { uid: ids, gid: ids } })
  await expect(started).rejects.toMatchObject({ code: 'EINVAL', syscall: 'mount' })
})

test('the table of mounts of the host is as before', () => {
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain('ctr-rootfs-')
})
