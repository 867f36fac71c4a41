import { posix } from 'node:path'
import { families } from '@ctr/syscall'
import { intelRdtShape } from './intel-rdt-shape.ts'
import { netDevices } from './net-devices-shape.ts'
import { numberList, numbersOf } from './number-list.ts'
import { resourcesShape } from './resources-shape.ts'
import { seccompShape } from './seccomp-shape.ts'
import { absolutePath, ConfigError, id, integer, line, list, nullable, object, oneOf, record, text, where, type Read, type Shape } from './shape.ts'

/** The kernel takes 340 lines of an ID map (user_namespaces(7)). */
const mostMaps = 340

const idMap = where(
  object({ containerID: id, hostID: id, size: integer(1, 2 ** 32 - 1) }),
  ({ containerID, hostID, size }) => Math.max(containerID, hostID) + size <= 2 ** 32 - 1,
  'a range of IDs: it goes beyond 2^32 - 2',
)

export const idMaps = where(
  where(list(idMap, mostMaps), (maps) => maps.length > 0, 'a map: it is empty'),
  (maps) => !overlaps(maps.map(({ containerID, size }) => [containerID, size])) && !overlaps(maps.map(({ hostID, size }) => [hostID, size])),
  'a map: ranges overlap',
)

function overlaps(ranges: readonly (readonly [first: number, size: number])[]): boolean {
  const sorted = [...ranges].sort(([a], [b]) => a - b)
  return sorted.some(([first], i) => i > 0 && sorted[i - 1]![0] + sorted[i - 1]![1] > first)
}

export type OciIdMap = readonly Read<typeof idMap>[]

/** Engines leave the bits in it that say what kind of file it is. */
const fileMode: Shape<number> = (value, path) => integer(0, 0o177777, 'a mode: an integer from 0 to 4095')(value, path) & 0o7777

/** The device is made in the directory that the path names, by the name at its end. */
const devicePath = where(absolutePath, (value) => /[^/]$/.test(value) && !/\/\.{1,2}$/.test(value), 'the path of a file')

const device = where(
  object({ path: devicePath, type: oneOf('c', 'b', 'u', 'p') }, { major: integer(0, 0xfff), minor: integer(0, 0xfffff), fileMode: nullable(fileMode), uid: nullable(id), gid: nullable(id) }),
  ({ type, major, minor }) => type === 'p' || (major !== undefined && minor !== undefined),
  'a device: its major and minor number are missing',
)
export type OciDevice = Read<typeof device>

const namespace = object({ type: oneOf('pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time') }, { path: where(text, (value) => value === '' || value.startsWith('/'), 'an absolute path') })
export type OciNamespace = Read<typeof namespace>

const namespaces = where(list(namespace), (all) => new Set(all.map(({ type }) => type)).size === all.length, 'a list of namespaces: a type comes twice')

const cgroupsPath = where(line, (value) => !value.split('/').includes('..') && (value === '' || posix.join('/', value) !== '/') && value.split('/').every((part) => Buffer.byteLength(part) <= 255),
  'a path below the root of the hierarchies, of components of at most 255 bytes and without ..')

/** `net.ipv4.ip_forward` or `net/ipv4/ip_forward`: sysctl(8) takes both. */
const sysctl = record(line)

/** KTIME_SEC_MAX of include/linux/ktime.h: a clock has 63 bits of nanoseconds. */
const mostSeconds = 9_223_372_036

const timeOffset = object({}, { secs: integer(-mostSeconds, mostSeconds), nanosecs: integer(0, 999_999_999) })

/** MAX_NUMNODES of no kernel is more (CONFIG_NODES_SHIFT, at most 10). */
const nodes = numberList(1023)

const memoryPolicyMembers = object({ mode: oneOf(...families.mempolicy) }, { nodes, flags: list(oneOf(...families.mempolicy_flag)) })

/** @see set_mempolicy(2), which modes have nodes */
const memoryPolicy: typeof memoryPolicyMembers = (value, path) => {
  const policy = memoryPolicyMembers(value, path)
  const { mode } = policy
  const given = numbersOf(policy.nodes ?? '')
  if ((mode === 'MPOL_DEFAULT' || mode === 'MPOL_LOCAL') && given.length > 0) throw new ConfigError(`${path}.nodes`, `${mode} has none`)
  if (mode !== 'MPOL_DEFAULT' && mode !== 'MPOL_LOCAL' && mode !== 'MPOL_PREFERRED' && given.length === 0) throw new ConfigError(`${path}.nodes`, `${mode} needs at least one`)
  return policy
}

/** Something in the root: `root.readonly` is for the root itself. */
const coveredPath = where(absolutePath, (value) => posix.normalize(value) !== '/', 'a path below the root')

/** @see OCI runtime-spec config-linux.md */
export const linuxShape = object({}, {
  namespaces, uidMappings: idMaps, gidMappings: idMaps,
  timeOffsets: nullable(record((value, path) => {
    if (!/timeOffsets\["(monotonic|boottime)"\]$/.test(path)) throw new ConfigError(path, 'there are monotonic and boottime')
    return timeOffset(value, path)
  })),
  devices: list(device), netDevices: nullable(netDevices), cgroupsPath, resources: nullable(resourcesShape),
  rootfsPropagation: oneOf('', 'shared', 'slave', 'private', 'unbindable', 'rshared', 'rslave', 'rprivate', 'runbindable'),
  seccomp: nullable(seccompShape), sysctl: nullable(sysctl), maskedPaths: list(coveredPath), readonlyPaths: list(coveredPath), mountLabel: text,
  intelRdt: nullable(intelRdtShape),
  memoryPolicy: nullable(memoryPolicy),
  personality: nullable(object({ domain: oneOf('LINUX', 'LINUX32') }, { flags: list(text, 0) })),
})

export type OciLinux = Read<typeof linuxShape>
