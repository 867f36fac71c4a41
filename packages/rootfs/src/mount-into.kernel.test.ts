import { closeSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys, type Program } from '@ctr/syscall'
import { perform as own } from '@ctr/syscall/perform'
import { launch, type LaunchedProcess, type LaunchOptions } from '@ctr/launch'
import { expect, test } from 'vitest'
import { mountTable } from '../test/mount-table.ts'
import { programs } from '../test/programs.ts'
import { protect } from '../test/protect.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { directoryRoot, mountInto, pivotRoot, privatePropagation, proc, unmountFrom } from './index.ts'

const root = { fd: 'root' }
const sleep = sys.execve('/bin/sleep', ['sleep', '100'], [], 'a container that runs')

/** A container on a directory, until the body is done. */
async function running(directory: string, body: (container: LaunchedProcess) => Promise<void>, options: LaunchOptions = {}): Promise<void> {
  const program = [...protect(), ...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...programs, ...proc({ root }), ...pivotRoot({ root }), sleep]
  const container = await launch(program, { namespaces: ['CLONE_NEWNS', 'CLONE_NEWPID'], ...options })
  try {
    await body(container)
  } finally {
    container.kill()
    await container.closed
  }
}

async function perform(program: Program, container: Pick<LaunchedProcess, 'pidfd'>) {
  const child = await launch([...program, sys.execve('/bin/true', ['true'], [], 'it is done')], { pass: { container: container.pidfd } })
  return (await child.exited).status
}

const container = { fd: 'container' }
const tableOf = ({ pid }: LaunchedProcess) => mountTable(readFileSync(`/proc/${pid}/mountinfo`, 'utf8'))

test('a directory and a file of the host appear in a container that runs, and nowhere else', async () => {
  const { root: directory, host } = scratch()
  mkdirSync(join(host, 'dir'))
  writeFileSync(join(host, 'dir/new'), '')
  writeFileSync(join(host, 'file'), 'content')
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  await running(directory, async (running) => {
    expect(await perform(mountInto({ container, source: join(host, 'dir'), path: '/made/here', kind: 'directory', create: true, readOnly: true }), running)).toBe(0)
    expect(await perform(mountInto({ container, source: join(host, 'file'), path: '/made/file', kind: 'file', create: true }), running)).toBe(0)
    expect(tableOf(running).filter(({ path }) => path.startsWith('/made')).map(({ path, flags }) => [path, flags.slice(0, 2)])).toEqual([['/made/here', 'ro'], ['/made/file', 'rw']])
    expect(readdirSync(`/proc/${running.pid}/root/made/here`)).toEqual(['new'])
    expect(readFileSync(`/proc/${running.pid}/root/made/file`, 'utf8')).toBe('content')
  })
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(mounts)
})

test('into a container with a user namespace', async () => {
  const { root: directory, host } = scratch()
  const ids = [[0, 0, 65536]] as const
  await running(directory, async (running) => {
    expect(await perform(mountInto({ container, source: host, path: '/in', kind: 'directory', create: true }), running)).toBe(0)
    expect(tableOf(running).map(({ path }) => path)).toContain('/in')
  }, { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID'], idMaps: { uid: ids, gid: ids } })
})

test('a new file system appears, and is taken off again, by a name that is no link', async () => {
  const { root: directory, host } = scratch()
  writeFileSync(join(host, 'file'), '')
  await running(directory, async (running) => {
    const places = () => tableOf(running).map(({ path }) => path).filter((path) => path.startsWith('/new'))
    expect(await perform(mountInto({ container, filesystem: { type: 'tmpfs', source: 'memory', data: ['size=1m'], attributes: ['MOUNT_ATTR_NOEXEC'] }, path: '/new/memory', kind: 'directory', create: true }), running)).toBe(0)
    expect(await perform(mountInto({ container, source: join(host, 'file'), path: '/new/file', kind: 'file', create: true }), running)).toBe(0)
    expect(tableOf(running).find(({ path }) => path === '/new/memory')).toMatchObject({ type: 'tmpfs', source: 'memory', flags: 'rw,noexec,relatime' })
    symlinkSync('memory', join(directory, 'new/link'))
    await expect(perform(unmountFrom({ container, path: '/new/link' }), running)).rejects.toMatchObject({ code: 'EINVAL', syscall: 'umount2' })
    await expect(perform(unmountFrom({ container, path: '/new/nothing' }), running)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'umount2' })
    expect(places()).toEqual(['/new/memory', '/new/file'])
    expect(await perform(unmountFrom({ container, path: '/new/file' }), running)).toBe(0)
    expect(places()).toEqual(['/new/memory'])
    expect(await perform(unmountFrom({ container, path: '/new/memory' }), running)).toBe(0)
    expect(places()).toEqual([])
  })
})

test('links of the container lead nowhere on the host', async () => {
  const { root: directory, host, top } = scratch()
  mkdirSync(join(top, 'source'))
  symlinkSync(host, join(directory, 'absolute'))
  symlinkSync(`../../../..${host}`, join(directory, 'up'))
  symlinkSync('/proc/1/root', join(directory, 'magic'))
  const before = snapshot(host)
  await running(directory, async (running) => {
    for (const path of ['/absolute', '/up', '/magic', '/absolute/new', '/magic/new'])
      await expect(perform(mountInto({ container, source: join(top, 'source'), path, kind: 'directory', create: true }), running)).rejects.toMatchObject({ code: expect.stringMatching(/^(ENOENT|ELOOP)$/) as string, syscall: 'openat2' })
    expect(snapshot(host)).toEqual(before)
  })
})

test('ENOENT, EINVAL, ESRCH: no source or mount point, another kind, no container', async () => {
  const { root: directory, host } = scratch()
  writeFileSync(join(host, 'file'), '')
  let ended = -1
  await running(directory, async (running) => {
    ended = own([sys.pidfd_open(running.pid, { as: 'pidfd', why: 'it outlives the process' })]).fds.pidfd!
    await expect(perform(mountInto({ container, source: join(host, 'nothing'), path: '/usr', kind: 'directory' }), running)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open_tree' })
    await expect(perform(mountInto({ container, source: host, path: '/nothing', kind: 'directory' }), running)).rejects.toMatchObject({ code: 'ENOENT', syscall: 'openat2' })
    await expect(perform(mountInto({ container, source: join(host, 'file'), path: '/usr', kind: 'directory' }), running)).rejects.toMatchObject({ code: 'EINVAL', syscall: 'move_mount' })
  })
  try {
    await expect(perform(mountInto({ container, source: host, path: '/usr', kind: 'directory' }), { pidfd: ended })).rejects.toMatchObject({ code: 'ESRCH', syscall: 'setns' })
    await expect(perform(unmountFrom({ container, path: '/usr' }), { pidfd: ended })).rejects.toMatchObject({ code: 'ESRCH', syscall: 'setns' })
  } finally {
    closeSync(ended)
  }
})
