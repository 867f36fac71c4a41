import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import type { Group, Place } from '@ctr/cgroup'
import { OciError } from '../oci-error.ts'

/**
 * Groups below that of a container, as `exec --cgroup` names them: `GROUP` in all hierarchies, `cpu,memory:GROUP` in those of version 1 that have
 * these controllers. What none of them names stays at the container's own.
 *
 * @throws OciError it is none below it, or is not there
 */
export function subgroup(own: Group, wishes: readonly string[]): Group {
  const moved = new Map<Place, string>()
  for (const wish of wishes) {
    const [, controllers, name = ''] = /^(?:([^:/]*):)?(.*)$/s.exec(wish) ?? []
    if (name.split('/').includes('..')) throw new OciError(`${JSON.stringify(wish)} is not a group below that of the container`)
    const wanted = controllers?.split(',')
    const places = wanted ? own.places.filter((place) => place.version === 1 && wanted.some((controller) => place.controllers.includes(controller))) : own.places
    if (places.length === 0) throw new OciError(`--cgroup ${wish}: no hierarchy of version 1 has ${controllers}`)
    for (const place of places) {
      const directory = posix.join(place.directory, name)
      if (!existsSync(directory)) throw new OciError(`error adding the process to cgroups: ${directory}: no such file or directory`)
      moved.set(place, directory)
    }
  }
  return { ...own, places: own.places.map((place) => ({ ...place, directory: moved.get(place) ?? place.directory })) }
}
