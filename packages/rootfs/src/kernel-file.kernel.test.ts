import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { privateProc, privatePropagation, sysctls, writeKernelFile } from './index.ts'

const proc = { fd: 'private' }
const own = ['ipc', 'net', 'uts'] as const
const close = sys.close(proc, 'all is written')

test('settings of own namespaces are written, the host keeps its own', async () => {
  const before = readFileSync('/proc/sys/kernel/shmmni', 'utf8')
  const values = { 'net.ipv4.ip_forward': '1', 'kernel.shmmni': '123', 'net/ipv4/conf/lo/forwarding': '1', 'fs.mqueue.msg_max': '11', 'kernel.domainname': 'example', 'kernel.sem': '250 32000 100 128' }
  const { text } = await shell([...privateProc({ as: 'private' }), ...sysctls({ proc, values, own }), close], 'cd /proc/sys; cat net/ipv4/ip_forward kernel/shmmni net/ipv4/conf/lo/forwarding fs/mqueue/msg_max kernel/domainname')
  expect(text).toBe('1\n123\n1\n11\nexample\n')
  expect(readFileSync('/proc/sys/kernel/shmmni', 'utf8')).toBe(before)
})

// T-PROC3 (CVE-2025-52881, CVE-2019-16884): a /proc full of links and files of somebody else
test('what is mounted on /proc, or a link there, never takes a write', async () => {
  const { host } = scratch()
  for (const directory of ['sys/kernel', 'sys/net/ipv4', 'self/attr', 'thread-self/attr']) mkdirSync(join(host, directory), { recursive: true })
  symlinkSync('/proc/sysrq-trigger', join(host, 'sys/kernel/shmmni'))
  writeFileSync(join(host, 'sys/net/ipv4/ip_forward'), 'fake')
  writeFileSync(join(host, 'self/comm'), 'fake')
  const before = snapshot(host)
  const covered = [...privatePropagation(), sys.mount(host, '/proc', null, ['MS_BIND'], null, 'an image with a volume there')]
  const writes = [...sysctls({ proc, values: { 'kernel.shmmni': '77', 'net.ipv4.ip_forward': '1' }, own }), ...writeKernelFile({ proc, path: 'self/comm', value: 'labelled', why: 'as a label would be' })]
  const look = [sys.umount2('/proc', [], 'look at the real one'), sys.mount('proc', '/proc', 'proc', [], null, 'of our own PID namespace')]
  const { text } = await shell([...covered, ...privateProc({ as: 'private' }), ...writes, close, ...look], 'cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_forward')
  expect(text).toBe('77\n1\n')
  expect(snapshot(host)).toEqual(before)
})

test('ENOENT, EXDEV, ELOOP, EINVAL: no such file, outside, a magic link, a value that makes no sense', async () => {
  const write = (path: string, value: string) => shell([...privateProc({ as: 'private' }), ...writeKernelFile({ proc, path, value, why: 'a test' }), close], 'true')
  await expect(write('sys/kernel/nothing', '1')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'openat2' })
  for (const path of ['../etc/passwd', '/etc/passwd']) await expect(write(path, '1')).rejects.toMatchObject({ code: 'EXDEV', syscall: 'openat2' })
  for (const path of ['self/root/etc/passwd', 'self/cwd/x', 'self/fd/1']) await expect(write(path, '1')).rejects.toMatchObject({ code: 'ELOOP', syscall: 'openat2' })
  await expect(write('sys/kernel/shmmni', 'many')).rejects.toMatchObject({ code: 'EINVAL', syscall: 'write' })
})

test('EPERM: in a user namespace without an own PID namespace', async () => {
  const ids = [[0, 0, 65536]] as const
  await expect(shell(privateProc({ as: 'private' }), 'true', { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS'], idMaps: { uid: ids, gid: ids } })).rejects.toMatchObject({ code: 'EPERM' })
})
