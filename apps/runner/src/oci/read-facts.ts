import { readFileSync, realpathSync, statSync, type Stats } from 'node:fs'
import { posix } from 'node:path'
import { cgroups } from '@ctr/cgroup'
import type { PathKind } from '../facts.ts'
import { readCapabilities } from '../read-facts.ts'
import { readInRoot } from '../read-in-root.ts'
import { parsePasswd } from '../user.ts'
import { isRootless, maySetGroups, readCaller } from './caller.ts'
import { destinationOf, isBind } from './config/check-mounts.ts'
import type { OciConfig, OciMount } from './config/config-shape.ts'
import type { OciProcess } from './config/process-shape.ts'
import { ConfigError, quoted } from './config/shape.ts'
import type { OciIntelRdt } from './config/intel-rdt-shape.ts'
import { readResctrl } from './lifecycle/resctrl.ts'
import { isIdMapped } from './program/mount-ids.ts'
import type { OciFacts } from './facts.ts'
import type { JoinFacts } from './join.ts'
import { statInRoot } from './stat-in-root.ts'

/**
 * Reads what `ociContainer` has to know of this machine and of a bundle.
 *
 * @param bundle absolute
 * @param resctrl where that is mounted, if the table of mounts is not to say
 * @throws ConfigError what the configuration names is not there
 */
export function readOciFacts(config: OciConfig, bundle: string, { id, resctrl }: { readonly id: string; readonly resctrl?: string | undefined }): OciFacts {
  const rootfs = rootOf(config, bundle)
  const mounts = config.mounts ?? []
  const placed = mounts.map((mount) => ({ mount, destination: destinationOf(mount) }))
  const mapped = mounts.findIndex(isIdMapped)
  if (mapped >= 0 && process.geteuid?.() !== 0) throw new ConfigError(`mounts[${mapped}]`, 'only root can map the IDs of the host\'s files (mount_setattr(2), EPERM)')
  const caller = readCaller()
  // Where the host's are mounted, any file is a place for them.
  if (!isRootless(caller) && !config.linux?.namespaces?.some(({ type }) => type === 'user')) checkDevices(config, rootfs, placed)
  const covered = [...(config.linux?.maskedPaths ?? []), ...(config.linux?.readonlyPaths ?? [])]
  return {
    caller, rootfs, cgroups: cgroups(), hostCgroups: hostCgroups(config), appArmor: appArmor(), seLinux: seLinux(), ...readCapabilities(),
    sources: Object.fromEntries(mounts.flatMap((mount, i) => (isBind(mount) ? [[mount.source!, kindOf(mount.source!, `mounts[${i}].source`)]] : []))),
    covered: Object.fromEntries(covered.flatMap((path) => {
      const kind = kindInside(rootfs, placed, path)
      return kind === undefined ? [] : [[path, kind]]
    })),
    modes: Object.fromEntries(placed.flatMap(({ mount, destination }) => {
      const stat = mount.type === 'tmpfs' ? statInRoot(rootfs, destination) : undefined
      return stat?.isDirectory() ? [[destination, stat.mode & 0o7777]] : []
    })),
    ...(config.process ? homeOf(config.process, rootfs) : {}),
    ...resctrlFacts(config.linux?.intelRdt, id, resctrl),
    rlimits: changedLimits(),
  }
}

function resctrlFacts(rdt: OciIntelRdt | undefined, id: string, root: string | undefined): Pick<OciFacts, 'resctrl'> {
  const resctrl = rdt && readResctrl(rdt, id, root)
  return resctrl ? { resctrl } : {}
}

/** What has to be known to join a container. @param pid of its first process */
export function readJoinFacts(process: OciProcess, pid: number): JoinFacts {
  return { appArmor: appArmor(), seLinux: seLinux(), ...readCapabilities(), ...homeOf(process, `/proc/${pid}/root`), rlimits: changedLimits(), setgroups: maySetGroups(pid) }
}

export function appArmor(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').startsWith('Y')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

/** As libselinux finds out: `kernel` is the label of all processes until there is a policy (selinux_getcon, is_selinux_enabled). */
export function seLinux(): boolean {
  return readFileSync('/proc/filesystems', 'utf8').includes('\tselinuxfs\n') && !/^kernel\0?$/.test(readFileSync('/proc/self/attr/current', 'utf8'))
}

function rootOf({ root }: OciConfig, bundle: string): string {
  if (!root) throw new ConfigError('root', 'it is missing: there would be no file system')
  const path = posix.resolve(bundle, root.path)
  let real: string
  try {
    real = realpathSync.native(path)
  } catch (error) {
    throw new ConfigError('root.path', (error as Error).message)
  }
  if (!statSync(real).isDirectory()) throw new ConfigError('root.path', `${path} is not a directory`)
  if (real === '/' || real === '/proc' || real.startsWith('/proc/')) throw new ConfigError('root.path', `${path} is the root of this machine, or its kernel's`)
  return real
}

/** PROC_CGROUP_INIT_INO (linux/proc_ns.h): what the first cgroup namespace is called on every machine. */
const firstCgroupNamespace = 0xeffffffb

function hostCgroups({ linux }: OciConfig): boolean {
  const named = linux?.namespaces?.find(({ type }) => type === 'cgroup')
  if (!named) return true
  if (!named.path) return false
  try {
    const { ino } = statSync(named.path)
    return ino === firstCgroupNamespace || ino === statSync('/proc/self/ns/cgroup').ino
  } catch {
    // Entering it will fail, and say why.
    return true
  }
}

/** That the source is there is said now, with its place: the kernel would only name the path. */
function kindOf(source: string, path: string): PathKind {
  let stat: Stats | undefined
  try {
    stat = statSync(source, { throwIfNoEntry: false })
  } catch (error) {
    // Too long, in a circle, or behind a directory that is not ours to look through.
    throw new ConfigError(path, `${quoted(source)}: ${(error as NodeJS.ErrnoException).code}`)
  }
  if (!stat) throw new ConfigError(path, `${source.length > 255 ? quoted(source) : source}: no such file or directory`)
  return stat.isDirectory() ? 'directory' : 'file'
}

/** A mount with its place as it is written: that is looked at for every path, and takes longer than the look. */
interface Placed {
  readonly mount: OciMount
  readonly destination: string
}

/** The mount that a path is in. */
const coveringOf = (placed: readonly Placed[], path: string): Placed | undefined => placed.filter(({ destination }) => path[destination.length] === '/' && path.startsWith(destination)).sort((a, b) => b.destination.length - a.destination.length)[0]

/** What the root, or the bind mount that a path is in, has there; in any other mount nothing is known. */
function statBelow(covering: Placed | undefined, rootfs: string, path: string): Stats | undefined {
  if (!covering) return statInRoot(rootfs, path)
  return isBind(covering.mount) ? statInRoot(covering.mount.source!, path.slice(covering.destination.length)) : undefined
}

/** What a process inside will find at a path: in the kernel's file systems, in what is mounted from the host, or in the root. */
function kindInside(rootfs: string, placed: readonly Placed[], path: string): PathKind | undefined {
  const there = placed.findLast(({ destination }) => destination === path)?.mount
  if (there) return isBind(there) && statSync(there.source!, { throwIfNoEntry: false })?.isDirectory() === false ? 'file' : 'directory'
  // The way to a mount is made for it.
  const below = `${path}/`
  if (placed.some(({ destination }) => destination.startsWith(below))) return 'directory'
  const covering = coveringOf(placed, path)
  const ofKernel = covering !== undefined && !isBind(covering.mount) && (covering.mount.type === 'proc' || covering.mount.type === 'sysfs')
  // The kernel is the same inside.
  const stat = ofKernel ? statSync(path, { throwIfNoEntry: false }) : statBelow(covering, rootfs, path)
  return stat && (stat.isDirectory() ? 'directory' : 'file')
}

const typeOf = (stat: Stats) => (stat.isCharacterDevice() ? 'c' : stat.isBlockDevice() ? 'b' : stat.isFIFO() ? 'p' : 'another file')

/** What the image or a bind mount has at the path of a device has to be that device (OCI runtime-spec config-linux.md, Devices). */
function checkDevices({ linux }: OciConfig, rootfs: string, placed: readonly Placed[]): void {
  for (const [i, { path, type, major = 0, minor = 0 }] of (linux?.devices ?? []).entries()) {
    const stat = statBelow(coveringOf(placed, path), rootfs, path)
    const wanted = type === 'u' ? 'c' : type
    if (stat && (typeOf(stat) !== wanted || (wanted !== 'p' && stat.rdev !== deviceNumber(major, minor)))) throw new ConfigError(`linux.devices[${i}].path`, `at ${quoted(path)} there is a file already, which is not this device`)
  }
}

/** makedev(3) of the C library: st_rdev is that, and not the kernel's own number. */
const deviceNumber = (major: number, minor: number): number => (((major & 0xfff) << 8) | (minor & 0xff)) + (minor & 0xfff00) * 2 ** 12

function homeOf({ user = {}, env = [] }: OciProcess, rootfs: string): Pick<OciFacts, 'home'> {
  if (env.some((variable) => variable.startsWith('HOME='))) return {}
  const entry = parsePasswd(readInRoot(rootfs, 'etc/passwd')).find(({ uid }) => uid === (user.uid ?? 0))
  return { home: entry?.home || '/' }
}

/**
 * Node raises its own soft limit of open files to the hard one, and does not say what it was (PlatformInit in src/node.cc). Our parent's
 * is what we were started with, unless that changed it for us.
 */
function changedLimits(): OciFacts['rlimits'] {
  const [soft, hard] = openFiles(readFileSync('/proc/self/limits', 'utf8'))
  if (soft !== hard) return {}
  try {
    const parent = openFiles(readFileSync(`/proc/${process.ppid}/limits`, 'utf8'))
    return parent[1] === hard && parent[0] !== soft ? { RLIMIT_NOFILE: parent } : {}
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return {}
    throw error
  }
}

type Limit = number | 'RLIM64_INFINITY'

/** @see proc_pid_limits(5) */
function openFiles(text: string): readonly [Limit, Limit] {
  const line = text.split('\n').find((each) => each.startsWith('Max open files ')) ?? ''
  const [, , , soft = '', hard = ''] = line.split(' ').filter((word) => word !== '')
  const value = (word: string): Limit => (word === 'unlimited' ? 'RLIM64_INFINITY' : Number(word))
  return [value(soft), value(hard)]
}

