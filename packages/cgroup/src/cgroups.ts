import { readFileSync } from 'node:fs'
import { detect, words, type Layout } from './layout.ts'

/**
 * The cgroup layout of this machine, as this process sees it.
 *
 * Three small files and, with v2, a fourth: keep the result, it changes only when someone mounts.
 *
 * @param proc where procfs is mounted
 * @throws RangeError no cgroup filesystem is mounted
 * @example
 * cgroups().mode // e.g. 'hybrid'
 */
export function cgroups(proc = '/proc'): Layout {
  const facts = {
    mountinfo: readFileSync(`${proc}/self/mountinfo`, 'utf8'),
    self: readFileSync(`${proc}/self/cgroup`, 'utf8'),
    controllers: optional(`${proc}/cgroups`),
  }
  const layout = detect(facts)
  const unified = layout.hierarchies.find((each) => each.version === 2)
  if (!unified) return layout
  // What else there is does not depend on them.
  const controllers = words(optional(`${unified.mountpoint}/cgroup.controllers`))
  return { ...layout, hierarchies: layout.hierarchies.map((each) => (each === unified ? { ...each, controllers } : each)) }
}

// /proc/cgroups is absent without CONFIG_PROC_CGROUPS details; it only names what is switched off.
function optional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
