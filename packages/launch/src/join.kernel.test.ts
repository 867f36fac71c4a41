import { readlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sys, type Constant } from '@ctr/syscall'
import { launch } from './index.ts'
import { images } from '../test/images.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { run, shell } from '../test/shell.ts'

const kinds = { mnt: 'CLONE_NEWNS', uts: 'CLONE_NEWUTS', ipc: 'CLONE_NEWIPC', pid: 'CLONE_NEWPID', net: 'CLONE_NEWNET', cgroup: 'CLONE_NEWCGROUP', user: 'CLONE_NEWUSER', time: 'CLONE_NEWTIME' } as const
const all = Object.values(kinds) satisfies Constant<'setns'>[]
const idMaps = { uid: [[0, 0, 65536]], gid: [[0, 0, 65536]] } as const
const private_ = sys.mount(null, '/', null, ['MS_REC', 'MS_PRIVATE'], null, 'mounts must not reach the host')

const host = (name: string, namespaces: readonly Constant<'clone'>[]) => launch([
  private_, sys.mount('proc', '/proc', 'proc', [], null, 'ps must see the processes inside'), ...(namespaces.includes('CLONE_NEWUTS') ? [sys.sethostname(name, 'to be recognised')] : []), sys.execve('/bin/sleep', ['sleep', '60'], [], 'it waits')],
{ namespaces, stdio: 'ignore', ...(namespaces.includes('CLONE_NEWUSER') ? { idMaps } : {}) })

test.each(images)('as a %s, a process is launched into all namespaces of another', async (image) => {
  const before = await census()
  {
    await using target = await host('target', all)
    const links = Object.keys(kinds).map((kind) => readlinkSync(`/proc/${target.pid}/ns/${kind}`))
    const { out } = await run(`hostname; cat /proc/1/comm; echo $$; id -u; readlink ${Object.keys(kinds).map((kind) => `/proc/self/ns/${kind}`).join(' ')}`, { image, join: { pidfd: target.pidfd, namespaces: all } })
    const [hostname, first, pid, uid, ...found] = out.trimEnd().split('\n')
    expect([hostname, first, uid]).toEqual(['target', 'sleep', '0'])
    expect(Number(pid)).toBeLessThan(10)
    expect(found).toEqual(links)
  }
  await expectNothingLeft(before)
})

test.each(Object.entries(kinds))('into the %s namespace alone', async (kind, flag) => {
  await using target = await host('alone', all)
  await using p = await launch([shell('exec sleep 60')], { stdio: 'ignore', join: { pidfd: target.pidfd, namespaces: [flag] } })
  for (const each of Object.keys(kinds)) expect(readlinkSync(`/proc/${p.pid}/ns/${each}`) === readlinkSync(`/proc/${target.pid}/ns/${each}`)).toBe(each === kind)
})

test('some are joined and others new', async () => {
  await using target = await host('both', ['CLONE_NEWNS', 'CLONE_NEWUTS', 'CLONE_NEWPID'])
  const { out } = await run('hostname; readlink /proc/self/ns/net', { join: { pidfd: target.pidfd, namespaces: ['CLONE_NEWUTS', 'CLONE_NEWPID', 'CLONE_NEWNS'] }, namespaces: ['CLONE_NEWNET'] })
  const [hostname, net] = out.trimEnd().split('\n')
  expect(hostname).toBe('both')
  expect(net).not.toBe(readlinkSync('/proc/self/ns/net'))
})

test('it has its PID both here and there', async () => {
  await using target = await host('pids', ['CLONE_NEWNS', 'CLONE_NEWPID'])
  const { out, process } = await run('grep NSpid /proc/self/status', { join: { pidfd: target.pidfd, namespaces: ['CLONE_NEWPID', 'CLONE_NEWNS'] } })
  expect(out).toMatch(/^NSpid:\t\d+\n$/)
  expect(process.pid).toBeGreaterThan(0)
})

test('joining a process that has ended says so', async () => {
  const before = await census()
  const p = await launch([shell('exit 0')], { stdio: 'ignore', namespaces: ['CLONE_NEWUTS'] })
  await p.exited
  await expect(launch([shell('true')], { join: { pidfd: p.pidfd, namespaces: ['CLONE_NEWUTS'] } })).rejects.toMatchObject({ code: 'EBADF' })
  await expectNothingLeft(before)
})

test('namespaces of a process that is no pidfd are refused by the kernel', async () => {
  await expect(launch([shell('true')], { join: { pidfd: 1, namespaces: ['CLONE_NEWUTS'] }, stdio: 'ignore' })).rejects.toMatchObject({ code: 'EINVAL', syscall: 'setns' })
})
