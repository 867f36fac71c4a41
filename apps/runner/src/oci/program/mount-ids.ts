import type { IdMaps } from '@ctr/launch'
import { sys, type Program } from '@ctr/syscall'
import { isBind } from '../config/check-mounts.ts'
import type { OciConfig, OciMount } from '../config/config-shape.ts'
import { idMapsOf } from './id-maps.ts'

/** The user namespaces whose maps mounts have, each open under a name while mounts are prepared. */
export interface MountIds {
  /** For each mount of the configuration, the name of its user namespace. */
  readonly of: readonly (string | undefined)[]
  /** Those that have to be made, by name: descriptors of them are passed to the program. */
  readonly wanted: Readonly<Record<string, IdMaps>>
  /** Calls that open the one that there is already. */
  readonly open: Program
  readonly close: Program
}

/** Whether the IDs of a mount are mapped: `idmap` and `ridmap` are for older runtimes to stumble over (OCI runtime-spec config.md, Mounts). */
export const isIdMapped = ({ uidMappings, options = [] }: OciMount): boolean => uidMappings !== undefined || options.some((option) => option === 'idmap' || option === 'ridmap')

const ofContainer = 'ids of the container'

/**
 * A mount has the maps of its own entry, or else those of the container: of its user namespace, if that is another's, and of one like it,
 * if it is new and so not there when the mounts are opened.
 */
export function mountIds({ mounts = [], linux = {} }: Pick<OciConfig, 'mounts' | 'linux'>): MountIds {
  const path = linux.namespaces?.find(({ type }) => type === 'user')?.path
  const wanted = new Map<string, { readonly name: string; readonly maps: IdMaps }>()
  const nameOf = (mount: OciMount): string | undefined => {
    if (!isIdMapped(mount) || !isBind(mount)) return undefined
    const { uidMappings = linux.uidMappings, gidMappings = linux.gidMappings } = mount
    if (mount.uidMappings === undefined && path) return ofContainer
    const maps = idMapsOf(uidMappings!, gidMappings!)
    const key = JSON.stringify(maps)
    if (!wanted.has(key)) wanted.set(key, { name: `ids ${wanted.size}`, maps })
    return wanted.get(key)!.name
  }
  const of = mounts.map(nameOf)
  return {
    of, wanted: Object.fromEntries([...wanted.values()].map(({ name, maps }) => [name, maps])),
    // A FIFO at the path would wait for somebody who writes to it.
    open: of.includes(ofContainer) ? [sys.openat('AT_FDCWD', path!, ['O_RDONLY', 'O_NONBLOCK', 'O_CLOEXEC'], 0, { as: ofContainer, why: 'mounts have the maps of the container\'s user namespace, which is another\'s' })] : [],
    close: [...new Set(of)].flatMap((name) => (name === undefined ? [] : [sys.close({ fd: name }, 'the mounts keep the maps')])),
  }
}
