import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { launch } from '@ctr/launch'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { inMountNamespace } from '../test/namespace.ts'
import { programs } from '../test/programs.ts'
import { scratch } from '../test/scratch.ts'
import { directoryRoot, ociMounts, pivotRoot, privatePropagation, proc, type MountEntry } from './index.ts'

const root = { fd: 'root' }
const ids = [[0, 100_000, 65_536]] as const
const unprivileged = { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID'], idMaps: { uid: ids, gid: ids } } as const

/** A user namespace with the maps of the container, which is not there yet, for as long as the body takes. */
async function withUserNamespace(body: (userns: number) => Promise<void>): Promise<void> {
  const holder = await launch([sys.execve('/bin/sleep', ['sleep', '60'], [], 'the namespace needs somebody in it')], { namespaces: ['CLONE_NEWUSER'], idMaps: { uid: ids, gid: ids } })
  const userns = openSync(`/proc/${holder.pid}/ns/user`, 'r')
  try {
    await body(userns)
  } finally {
    closeSync(userns)
    holder.kill()
    await holder.closed
  }
}

// overlayfs has no ID-mapped mounts (fs/overlayfs/super.c: no FS_ALLOW_IDMAP)
const overlay = statfsSync('/tmp').type === 0x794c7630

test.skipIf(overlay)('root of a container with a user namespace owns a volume of the host\'s root: the mapping is made by who may, and passed on', async () => {
  const { top, root: directory, host } = scratch()
  chmodSync(top, 0o755)
  chownSync(directory, 100_000, 100_000)
  writeFileSync(join(host, 'file'), '')
  await withUserNamespace(async (userns) => {
    const mounts: MountEntry[] = [{ destination: '/vol', source: host, options: ['rbind'], uidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }], gidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }], idMap: { fd: 'ids' } }]
    const { idMapped, attach } = ociMounts({ root, mounts })
    const becomeRoot = [sys.setresgid(0, 0, 0, 'root of the user namespace'), sys.setresuid(0, 0, 0, 'root of the user namespace')]
    const program = [...becomeRoot, ...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...programs, ...proc({ root }), ...attach, ...pivotRoot({ root })]
    const { fds } = perform(idMapped, { ids: userns })
    try {
      const { text } = await shell(program, 'stat -c %u:%g /vol/file; touch /vol/new && stat -c %u:%g /vol/new', { ...unprivileged, pass: fds })
      expect(text).toBe('0:0\n0:0\n')
    } finally {
      for (const fd of Object.values(fds)) closeSync(fd)
    }
    expect(statSync(join(host, 'new')).uid).toBe(0)
    // In the user namespace itself nobody may map ids of a file system of the host's.
    await expect(shell([...privatePropagation(), ...idMapped], 'true', { ...unprivileged, pass: { ids: userns } })).rejects.toMatchObject({ code: 'EPERM', syscall: 'mount_setattr' })
  })
})

test.skipIf(overlay)('idmap is for the mount, ridmap for all below', async () => {
  const { host } = scratch()
  mkdirSync(join(host, 'deep'))
  const tmpfs = mountable()
  await withUserNamespace(async (userns) => {
    for (const [option, below] of [['idmap', 0], ['ridmap', tmpfs ? 100_000 : 'EINVAL']] as const)
      expect([option, inMountNamespace(() => {
        perform([sys.mount('deep', join(host, 'deep'), 'tmpfs', [], null, 'a mount below the source')])
        writeFileSync(join(host, 'deep/file'), '')
        const { idMapped } = ociMounts({ root, mounts: [{ destination: '/x', source: host, options: ['rbind', option], idMap: { fd: 'ids' } }] })
        try {
          perform([...idMapped, sys.move_mount({ fd: 'mount 0' }, '', 'AT_FDCWD', host, ['MOVE_MOUNT_F_EMPTY_PATH'], 'look at it'), sys.close({ fd: 'mount 0' }, 'it has its place')], { ids: userns })
          expect(statSync(join(host, 'deep')).uid).toBe(below)
          return [statSync(host).uid, statSync(join(host, 'deep/file')).uid]
        } catch (error) {
          return (error as { code?: string }).code
        }
      })]).toEqual([option, below === 'EINVAL' ? 'EINVAL' : [100_000, below]])
  })
})

/** Whether a tmpfs has ID-mapped mounts: since Linux 6.3. */
function mountable(): boolean {
  const [major = 0, minor = 0] = readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('.').map(Number)
  return major > 6 || (major === 6 && minor >= 3)
}
