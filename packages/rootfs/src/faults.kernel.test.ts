import { readdirSync, readFileSync } from 'node:fs'
import type { Program, SyscallError } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { planFor } from '@ctr/launch'
import { container, kinds } from '../test/default-root.ts'
import { shell } from '../test/container.ts'
import { emulated } from '../test/guest.ts'
import { protect } from '../test/protect.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { hostRoot, ociRoot, type MountEntry } from './index.ts'

// Of the calls of a whole root, some in each part of it where a launch takes a quarter of a second
const step = emulated ? 11 : 1

const oci: readonly MountEntry[] = [
  { destination: '/proc', type: 'proc' }, { destination: '/dev', type: 'tmpfs', options: ['nosuid', 'mode=755', 'ro'] }, { destination: '/dev/pts', type: 'devpts', options: ['newinstance', 'ptmxmode=0666'] },
  { destination: '/sys', type: 'sysfs', options: ['ro'] }, { destination: '/sys/fs/cgroup', type: 'cgroup', options: ['ro'] }, { destination: '/etc', type: 'tmpfs', options: ['tmpcopyup'] },
  { destination: '/etc/hostname', source: '/etc/hostname', kind: 'file', options: ['rbind', 'rro'] }, { destination: '/etc', options: ['remount', 'noexec'] },
]
const roots: Record<string, (at: string) => Program> = {
  'the host': (at) => container(hostRoot({ at, as: 'root', sizeBytes: 1 << 24 })),
  'an OCI config.json': (path) => {
    const { sources, build, enter } = ociRoot({ path, mounts: oci, readOnly: true, propagation: 'rslave', maskedPaths: kinds(['/proc/keys', '/sys/firmware']), readonlyPaths: kinds(['/proc/sys']) })
    return [...sources, ...build, ...enter]
  },
}

test.each(Object.entries(roots))('%s, whichever call fails: the error names it, and nothing is left behind', { timeout: 120_000 }, async (name, make) => {
  const { top, root: at } = scratch()
  const program = make(at)
  // What a root of a directory makes in it for want of mount points stays; all else is as before.
  const files = () => snapshot(name === 'the host' ? top : `${top}/host`)
  const plan = planFor([...protect(), ...program], { namespaces: ['CLONE_NEWNS', 'CLONE_NEWPID', 'CLONE_NEWCGROUP'] }).program
  const first = plan.length - program.length
  const state = () => ({ mounts: readFileSync('/proc/self/mountinfo', 'utf8'), files: files(), descriptors: readdirSync('/proc/self/fd').length })
  const before = state()
  for (const when of ['before', 'after'] as const)
    for (let index = first; index < first + program.length; index += step) {
      const error = await shell(program, 'true', { namespaces: ['CLONE_NEWNS', 'CLONE_NEWPID', 'CLONE_NEWCGROUP'], fault: { index, when } }).then(() => undefined, (each: unknown) => each as SyscallError)
      expect([index, when, error?.index]).toEqual([index, when, index])
    }
  // The pipe of a process that failed is closed a moment after the error.
  await expect.poll(state).toEqual(before)
})
