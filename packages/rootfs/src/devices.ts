import { sys, type FdRef, type Program } from '@ctr/syscall'
import type { NodeMethod } from './device-nodes.ts'
import { splitPath } from './split-path.ts'
import { target } from './target.ts'

/** A device as OCI's `linux.devices` has it. */
export interface Device {
  readonly path: string
  /** Character, block, unbuffered character (the same), or a named pipe. */
  readonly type: 'c' | 'b' | 'u' | 'p'
  readonly major?: number
  readonly minor?: number
  /** Default 0o666. With `bind` it is the host's. */
  readonly fileMode?: number
  readonly uid?: number
  readonly gid?: number
  /** The image has this device at this path already, a fact: nothing is made. Default false. */
  readonly exists?: boolean
}

export interface DevicesOptions {
  readonly root: FdRef
  readonly devices: readonly Device[]
  /** `bind` mounts the host's, which `openDevices` took. Default `mknod`. */
  readonly nodes?: NodeMethod
  /** The umask of the process afterwards. Default 0o022. */
  readonly umask?: number
}

const types = { c: 'S_IFCHR', u: 'S_IFCHR', b: 'S_IFBLK', p: 'S_IFIFO' } as const

/**
 * The host's files of the devices are open, in no place yet, for `devices` with `bind`: while only the host is in view.
 *
 * @throws ENOENT the host has no such file
 */
export function openDevices(devices: readonly Device[]): Program {
  return devices.flatMap(({ path, type, exists }, i) => (type === 'p' || exists ? [] : [
    sys.open_tree('AT_FDCWD', path, ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC'], { as: nameOf(i), why: 'a user namespace cannot make devices, so the host\'s is used' })]))
}

/**
 * Devices and named pipes are at their paths in the root, with their owner and mode from the first moment on. Directories that are
 * missing are made; each file is made in the descriptor of its directory.
 *
 * @throws EEXIST there is a file of this name already
 * @throws EPERM in a user namespace: devices cannot be made, use `bind`
 * @throws EINVAL the owner is not mapped in the user namespace
 * @throws TypeError a path names no file, or a device has no number
 * @see OCI runtime-spec config-linux.md, Devices
 */
export function devices({ root, devices, nodes = 'mknod', umask = 0o022 }: DevicesOptions): Program {
  const placed = devices.map((device, i) => ({ device, i, ...splitPath(device.path, 'make a device of') })).filter(({ device }) => !device.exists)
  if (placed.length === 0) return []
  const directory = { fd: 'device directory' }
  return [
    sys.umask(0, 'a device has the mode that it was asked to have'),
    ...placed.flatMap(({ device, i, folder, name: file }, at): Program => {
      const [first, last] = [placed[at - 1]?.folder !== folder, placed[at + 1]?.folder !== folder]
      const base = folder === '' ? root : directory
      return [
        ...(folder === '' || !first ? [] : target({ root, path: folder, kind: 'directory', create: true, as: directory.fd })),
        ...(nodes === 'bind' && device.type !== 'p' ? bound(base, file, { fd: nameOf(i) }) : made(base, file, device)),
        ...(folder === '' || !last ? [] : [sys.close(directory, 'descriptors of the root must not stay open')]),
      ]
    }),
    sys.umask(umask, 'what is made from now on must not be writable for everybody'),
  ]
}

function made(base: FdRef, file: string, { path, type, major, minor, fileMode = 0o666, uid = 0, gid = 0 }: Device): Program {
  const numbered = type !== 'p'
  if (numbered && (major === undefined || minor === undefined)) throw new TypeError(`Cannot make the device ${JSON.stringify(path)} without a major and a minor number`)
  return [
    sys.mknodat(base, file, { type: types[type], mode: fileMode & 0o7777, ...(numbered ? { major: major!, minor: minor! } : {}) }, `the container was given ${path}`),
    ...(uid === 0 && gid === 0 ? [] : [sys.fchownat(base, file, uid, gid, ['AT_SYMLINK_NOFOLLOW'], 'a new file belongs to who makes it')]),
  ]
}

function bound(base: FdRef, file: string, device: FdRef): Program {
  return [
    sys.mknodat(base, file, { type: 'S_IFREG', mode: 0o644 }, { allow: ['EEXIST'], why: 'a device can only be mounted on a file' }),
    // A link at the end of the path is not followed without MOVE_MOUNT_T_SYMLINKS.
    sys.move_mount(device, '', base, file, ['MOVE_MOUNT_F_EMPTY_PATH'], 'the container was given this device'),
    sys.close(device, 'the mount keeps its place without a descriptor'),
  ]
}

const nameOf = (i: number) => `device ${i}`
