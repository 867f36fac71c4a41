import type { Group } from '@ctr/cgroup'
import { ociChroot, ociMounts, ociRoot, type CgroupView, type Hierarchy, type OciMountsOptions, type OciRoot, type OciRootOptions, type Propagation } from '@ctr/rootfs'
import type { Syscall } from '@ctr/syscall'
import type { KernelPath } from '../../facts.ts'
import { isRootless } from '../caller.ts'
import { destinationOf, isBind } from '../config/check-mounts.ts'
import type { OciConfig, OciMount } from '../config/config-shape.ts'
import { ConfigError } from '../config/shape.ts'
import { sharesMounts } from '../config/without-mounts.ts'
import type { OciFacts } from '../facts.ts'
import { ownGroups } from '../oci-group.ts'
import { openHostProc, sysctls } from './sysctl.ts'

/**
 * From a copy of the host's mounts to the container's own root, in three parts: what of the host is needed is opened first; hooks run
 * behind the second, while the host's files are in view; the third changes the root.
 *
 * @param how.mountLabel of what is in new file systems
 * @param how.ids for each mount, the name of the user namespace whose maps it has
 */
export function enterRoot(config: OciConfig, facts: OciFacts, group: Group, { ids, pivot, ...label }: { readonly ids: readonly (string | undefined)[]; readonly pivot: boolean; readonly mountLabel?: string }): OciRoot {
  const { linux = {}, mounts = [] } = config
  const has = (type: string) => (linux.namespaces ?? []).some((each) => each.type === type)
  const devices = (linux.devices ?? []).map(({ path, type, major, minor, fileMode, uid, gid }) => ({
    path, type, ...(major === undefined ? {} : { major }), ...(minor === undefined ? {} : { minor }), ...(fileMode === undefined ? {} : { fileMode }), ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }),
  }))
  const cwd = config.process === undefined ? {} : { cwd: config.process.cwd }
  const root = sharesMounts(config) ? ociChroot({ path: facts.rootfs, devices, ...cwd }) : rootWith({
    path: facts.rootfs, pivot, ...label, readOnly: config.root?.readonly ?? false, cgroups: viewOf(group.places.length > 0 ? group : ownGroups(facts.cgroups), !facts.hostCgroups), userNamespace: has('user'), nodes: has('user') || isRootless(facts.caller) ? 'bind' : 'mknod',
    mounts: mounts.map((asked, i) => {
      const mount = asked.type === 'sysfs' && !owns(config, facts, 'network') ? hostSys(asked) : asked
      const destination = destinationOf(mount)
      const { source, type, options, uidMappings, gidMappings } = mount
      return {
        destination, ...(source === undefined ? {} : { source }), ...(type === undefined ? {} : { type }), ...(options === undefined ? {} : { options }),
        ...(isBind(mount) ? { kind: facts.sources[source!] ?? 'directory', onProc: destination === '/proc' } : {}),
        ...(ids[i] === undefined ? {} : { idMap: { fd: ids[i] }, ...(uidMappings && gidMappings ? { uidMappings, gidMappings } : {}) }),
        ...(type === 'tmpfs' && facts.modes[destination] !== undefined ? { mode: facts.modes[destination] } : {}),
      }
    }),
    devices,
    maskedPaths: existing(linux.maskedPaths ?? [], facts), readonlyPaths: existing(linux.readonlyPaths ?? [], facts),
    ...(linux.rootfsPropagation ? { propagation: linux.rootfsPropagation as Propagation } : {}),
    ...cwd,
  })
  const parameters = linux.sysctl ?? new Map<string, string>()
  const opened = parameters.size > 0 && !owns(config, facts, 'pid')
  return { ...root, sources: [...root.sources, ...(opened ? openHostProc() : [])], build: [...root.build.map(unlessThere), ...sysctls(parameters, { opened })] }
}

/** @throws ConfigError an entry that the calls for it cannot be written for: its options may only be too long together */
function rootWith(options: OciRootOptions): OciRoot {
  try {
    return ociRoot(options)
  } catch (error) {
    for (const [i, mount] of options.mounts.entries()) refusedAlone({ ...options, root: { fd: 'root' }, mounts: [mount] }, i)
    throw error
  }
}

function refusedAlone(options: OciMountsOptions, i: number): void {
  try {
    ociMounts(options)
  } catch (error) {
    throw new ConfigError(`mounts[${i}]`, (error as Error).message)
  }
}

/** An image whose /dev nothing is mounted on may have its devices already. */
const unlessThere = (call: Syscall): Syscall => (call.name === 'mknodat' && call.allow === undefined ? { ...call, allow: ['EEXIST'] } : call)

/**
 * Whether a namespace that the container is in belongs to the user namespace that it is in: a sysfs can be mounted only where the network does, and a
 * proc only where the processes do (fs/sysfs/mount.c, fs/proc/root.c).
 */
function owns({ linux = {} }: OciConfig, { caller }: OciFacts, kind: 'network' | 'pid'): boolean {
  const [user, own] = ['user', kind].map((type) => linux.namespaces?.find((each) => each.type === type))
  if (user) return own !== undefined && (!own.path || Boolean(user.path))
  return !caller.inUserNamespace || own !== undefined
}

const recursive: Readonly<Record<string, string>> = { ro: 'rro', nosuid: 'rnosuid', nodev: 'rnodev', noexec: 'rnoexec' }

/** In place of a sysfs that cannot be mounted, what of the host's is seen here, with what is mounted in it: the same devices, and the same network. */
const hostSys = ({ options = [], ...mount }: OciMount): OciMount => ({ ...mount, type: 'bind', source: '/sys', options: ['rbind', ...options.map((option) => recursive[option] ?? option)] })

/** Of the paths that are to be covered, those that there are: a kernel need not have them all (OCI runtime-spec config-linux.md, Masked Paths). */
function existing(paths: readonly string[], { covered }: OciFacts): KernelPath[] {
  return [...new Set(paths)].flatMap((path) => (covered[path] === undefined ? [] : [{ path, kind: covered[path] }]))
}

/**
 * Each hierarchy of version 1 under the name that it has on the host; what is v2 beside them shows nothing that they do not. The group itself
 * is bound where there is no namespace: a new mount would show the groups of the whole host, and change how the host's own is mounted.
 */
function viewOf({ places }: Group, namespace: boolean): CgroupView {
  const first = places.filter(({ version }) => version === 1)
  if (first.length === 0) return namespace || !places[0] ? {} : { group: places[0].directory }
  return {
    hierarchies: Object.fromEntries(first.map(({ mountpoint, controllers, directory }): [string, Hierarchy] => [
      mountpoint.slice(mountpoint.lastIndexOf('/') + 1),
      // A hierarchy that only has a name must be asked for without a controller.
      namespace ? (controllers.every((name) => name.startsWith('name=')) ? ['none', ...controllers] : controllers) : { group: directory },
    ])),
  }
}
