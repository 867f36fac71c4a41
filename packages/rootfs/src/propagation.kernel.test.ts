import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys, type Program } from '@ctr/syscall'
import { launch, type LaunchedProcess } from '@ctr/launch'
import { expect, test } from 'vitest'
import { mountTable } from '../test/mount-table.ts'
import { programs } from '../test/programs.ts'
import { protect } from '../test/protect.ts'
import { scratch } from '../test/scratch.ts'
import { directoryRoot, ociMounts, pivotRoot, privatePropagation, proc, propagation } from './index.ts'

const root = { fd: 'root' }
const sleep = sys.execve('/bin/sleep', ['sleep', '100'], [], 'somebody has to be there')
const places = ({ pid }: LaunchedProcess) => mountTable(readFileSync(`/proc/${pid}/mountinfo`, 'utf8')).map(({ path }) => path)

/** Makes calls in the mount namespace of a process. */
async function inside({ pidfd }: LaunchedProcess, program: Program): Promise<void> {
  const child = await launch([...program, sys.execve('/bin/true', ['true'], [], 'it is done')], { join: { pidfd, namespaces: ['CLONE_NEWNS'] } })
  await child.closed
}
const tmpfs = (path: string) => [sys.mount('later', path, 'tmpfs', [], null, 'a mount that comes later')]

/** [from outside in, from inside out], on the mount itself and on the one below it. */
const expected = {
  private: [[false, false], [true, true]], rprivate: [[false, false], [false, false]], slave: [[true, false], [true, true]], rslave: [[true, false], [true, false]],
  shared: [[true, true], [true, true]], rshared: [[true, true], [true, true]], unbindable: [[false, false], [true, true]], runbindable: [[false, false], [false, false]],
} as const

test.each(Object.entries(expected))('%s, seen from both sides', async (kind, [own, below]) => {
  const { root: directory, host } = scratch()
  mkdirSync(join(host, 'deep'))
  const volume = [sys.mount('volume', host, 'tmpfs', [], null, 'a volume'), ...['deep', 'in', 'out'].map((name) => sys.mkdirat('AT_FDCWD', join(host, name), 0o755, 'a place')),
    sys.mount('deep', join(host, 'deep'), 'tmpfs', [], null, 'a mount below it'), ...['in', 'out'].map((name) => sys.mkdirat('AT_FDCWD', join(host, 'deep', name), 0o755, 'a place'))]
  // What the host is to the container here: a namespace in which the volume is shared
  const outside = await launch([...protect(), ...volume, ...propagation('rshared', host), sleep], { namespaces: ['CLONE_NEWNS'] })
  // The sources are taken before all is made private, or there would be nobody to share with.
  const { sources, detached, attach } = ociMounts({ root, mounts: [{ destination: '/srv', source: host, options: ['rbind', kind] }] })
  const program = [...sources, ...detached, ...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...programs, ...proc({ root }), ...attach, ...pivotRoot({ root }), sleep]
  const container = await launch(program, { join: { pidfd: outside.pidfd, namespaces: ['CLONE_NEWNS'] }, namespaces: ['CLONE_NEWNS', 'CLONE_NEWPID'] })
  try {
    for (const [prefix, [inwards, outwards]] of [['', own], ['/deep', below]] as const) {
      await inside(outside, tmpfs(`${host}${prefix}/in`))
      await inside(container, tmpfs(`/srv${prefix}/out`))
      expect([prefix, places(container).includes(`/srv${prefix}/in`), places(outside).includes(`${host}${prefix}/out`)]).toEqual([prefix, inwards, outwards])
    }
    const bound = inside(container, [sys.open_tree('AT_FDCWD', '/srv', ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'], { as: 'clone', why: 'what is unbindable cannot be bound' })])
    await (kind.endsWith('unbindable') ? expect(bound).rejects.toMatchObject({ code: 'EINVAL', syscall: 'open_tree' }) : bound)
  } finally {
    for (const each of [container, outside]) { each.kill(); await each.closed }
  }
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(host)
})
