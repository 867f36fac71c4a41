import { child, group, pathOf, type Group, type GroupOptions, type Place } from './group.ts'
import type { Layout } from './layout.ts'

/**
 * Where systemd keeps the slice: every dash in its name is a level. `a-b.slice` is `/a.slice/a-b.slice`, `-.slice` is the root.
 *
 * @throws RangeError not the name of a slice
 * @see systemd.slice(5)
 * @example
 * slicePath('user-1000.slice') // '/user.slice/user-1000.slice'
 */
export function slicePath(slice: string): string {
  if (slice === '-.slice') return '/'
  const name = /^([^/]+)\.slice$/.exec(slice)?.[1]
  if (name === undefined || name.split('-').some((part) => part === '')) throw new RangeError(`Cannot use slice ${JSON.stringify(slice)}: not a name like a-b.slice`)
  const parts = name.split('-')
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('')
}

/**
 * The path that runc and crun mean by `SLICE:PREFIX:NAME` when systemd keeps the groups: the scope PREFIX-NAME in the slice. Without a slice
 * system.slice; without a prefix the scope begins with the dash; a NAME that is a slice itself is that slice.
 *
 * The path only: the scope is systemd's to make.
 *
 * @throws RangeError not three parts, or no name
 * @example
 * systemdPath('machine.slice:ctr:web') // '/machine.slice/ctr-web.scope'
 */
export function systemdPath(text: string): string {
  const parts = text.split(':')
  const [slice = '', prefix = '', name = ''] = parts
  if (parts.length !== 3 || name === '' || /\//.test(text)) throw new RangeError(`Cannot use ${JSON.stringify(text)}: not SLICE:PREFIX:NAME`)
  const parent = slicePath(slice === '' ? 'system.slice' : slice)
  if (name.endsWith('.slice')) return slicePath(name)
  return `${parent === '/' ? '' : parent}/${prefix}-${name}.scope`
}

/**
 * The group at `path`, which is absolute, relative to this process's own group in each hierarchy, or systemd's `SLICE:PREFIX:NAME`: what OCI's
 * `linux.cgroupsPath` may be.
 *
 * v1 hierarchies are separate trees, and this process may be somewhere else in each: a relative group is then at several paths, and `path`
 * is the one of the v2 hierarchy, or of the first.
 *
 * @throws RangeError the path is none of these, or relative to a group that is not visible from here
 * @example
 * groupAt(cgroups(), 'machine.slice:ctr:web').path // '/machine.slice/ctr-web.scope'
 */
export function groupAt(layout: Layout, path: string, options: GroupOptions = {}): Group {
  if (path.startsWith('/')) return group(layout, path, options)
  if (path.includes(':')) return group(layout, systemdPath(path), options)
  const parts = path.split('/').filter((part) => part !== '.' && part !== '')
  if (parts.length === 0) return ownGroup(layout, options)
  return parts.reduce((parent, part) => child(parent, part), ownGroup(layout, options))
}

/**
 * This process's own group, in each hierarchy where it is.
 *
 * @throws RangeError it is in a group that is not visible from here
 */
export function ownGroup(layout: Layout, options: GroupOptions = {}): Group {
  const root = group(layout, '/', options)
  const places = root.places.map((place): Place => {
    const own = layout.hierarchies.find((each) => each.mountpoint === place.directory)?.own
    if (own === null || own === undefined) throw new RangeError(`Cannot use a relative cgroup path: the group of this process in ${place.directory} is not visible from here`)
    return { ...place, directory: own === '/' ? place.directory : `${place.mountpoint}${own}` }
  })
  const named = places.find((place) => place.version === 2) ?? places[0]
  return { ...root, path: named ? pathOf(named) : '/', places }
}
