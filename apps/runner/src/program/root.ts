import type { Group } from '@ctr/cgroup'
import { cgroupMount, dev, directoryRoot, hostRoot, mask, openNull, openSource, attachSource, pivotRoot, privatePropagation, proc, readOnlyPaths, readOnlyRoot, sysfs, target, tmpfs, workingDirectory } from '@ctr/rootfs'
import { sys, type FdRef, type Program } from '@ctr/syscall'
import type { ContainerConfig, Mount } from '../config.ts'
import type { Facts, KernelPath } from '../facts.ts'
import { remembered } from './remembered.ts'

const root: FdRef = { fd: 'root' }
const kept = { '/proc': { fd: 'proc' }, '/sys': { fd: 'sys' } }
const sourceName = (i: number) => `source ${i}`

/**
 * From a copy of the host's mounts to the container's own root directory. Everything of the host that is needed is opened first, while
 * only the host is in view; then every mount goes by descriptor; pivot_root is last.
 */
export function enterRoot(config: ContainerConfig, facts: Facts, group: Group): Program {
  const mounts = sortByTarget(config.mounts ?? [])
  return [
    ...isolated(),
    ...mounts.flatMap((mount, i) => (mount.type === 'bind' ? openSource({ source: mount.source, recursive: true, as: sourceName(i) }) : [])),
    ...hostNull(),
    ...(config.rootfs === 'host' ? hostRoot({ at: facts.at, as: root.fd }) : directoryRoot({ source: config.rootfs, as: root.fd })),
    ...kernelMounts(hierarchies(group), config.ipc !== 'host'),
    ...mounts.flatMap((mount, i) => attach(mount, i, facts)),
    ...covers(facts.masked, facts.readOnlyPaths),
    ...(config.readOnly ? [...makeDirectory(config.cwd), ...readOnlyRoot({ root })] : []),
    ...entered(),
  ]
}

/** What is mounted below another mount must come after it. */
function sortByTarget(mounts: readonly Mount[]): Mount[] {
  const depth = (path: string) => path.split('/').filter(Boolean).length
  return [...mounts].sort((a, b) => depth(a.target) - depth(b.target))
}

function attach(mount: Mount, i: number, facts: Facts): Program {
  if (mount.type === 'bind') return attachSource({ from: { fd: sourceName(i) }, root, path: mount.target, kind: facts.sources[mount.source] ?? 'directory', create: true, readOnly: mount.readOnly ?? false })
  const { target, sizeBytes, mode, options } = mount
  return tmpfs({ root, path: target, create: true, ...(sizeBytes === undefined ? {} : { sizeBytes }), ...(mode === undefined ? {} : { mode }), ...(options === undefined ? {} : { data: options }) })
}

/**
 * The container's groups as it sees them: each hierarchy under the name it has on the host. Only those in which it has a group of its
 * own: in the others, the root of its cgroup namespace is a group of the host.
 */
function hierarchies({ places }: Group): Hierarchies {
  const first = places.filter(({ version }) => version === 1)
  if (first.length === 0) return places.length === 0 ? 'none' : 'unified'
  return Object.fromEntries(first.map(({ mountpoint, controllers }) => [mountpoint.slice(mountpoint.lastIndexOf('/') + 1), controllers]))
}

type Hierarchies = 'none' | 'unified' | Readonly<Record<string, readonly string[]>>

// The same for every container.
const isolated = remembered(() => privatePropagation())
const hostNull = remembered(() => openNull())
const entered = remembered(() => pivotRoot({ root }))

/** /proc, /sys with the cgroups, and /dev; the first two stay open for what is covered in them. */
const kernelMounts = remembered((cgroups: Hierarchies, mqueue: boolean): Program => [
  ...proc({ root, as: 'proc' }),
  ...sysfs({ root, as: 'sys' }),
  ...(cgroups === 'none' ? [] : cgroupMount({ root, within: kept, ...(cgroups === 'unified' ? {} : { hierarchies: cgroups }) })),
  ...dev({ root, mqueue }),
])

/** What of the kernel's files must not be read, or not be written. Nothing is covered after it. */
const covers = remembered((masked: readonly KernelPath[], readOnly: readonly KernelPath[]): Program => [
  ...mask({ root, paths: masked, nullSource: { fd: 'null' }, within: kept }),
  ...readOnlyPaths({ root, paths: readOnly, within: kept }),
  ...Object.values(kept).map((mount) => sys.close(mount, 'the mount keeps its place without a descriptor')),
])

/** The working directory of a root that is about to become read-only: afterwards it cannot be made. */
function makeDirectory(path = '/'): Program {
  if (workingDirectory({ path }).length === 0) return []
  return [...target({ root, path, kind: 'directory', create: true, as: 'cwd' }), sys.close({ fd: 'cwd' }, 'it is looked up again where it is to be used')]
}
