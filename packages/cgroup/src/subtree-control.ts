import { CgroupError } from './cgroup-error.ts'
import { explained } from './explain-refusal.ts'
import { pathOf, type Place } from './group.ts'
import { readText, writeText } from './interface-file.ts'

/**
 * The v2 group at `path` has the controllers: every ancestor gives them to its children.
 *
 * An ancestor that has member processes is left alone even where the kernel would accept: `+cpu`, `+pids` and `+cpuset` there succeed
 * and turn its children into `domain threaded` or `domain invalid` groups that no process can join. Nobody's processes are moved.
 *
 * @param needed refused is an error
 * @param wished refused is not
 * @throws CgroupError EBUSY an ancestor has member processes
 * @see Documentation/admin-guide/cgroup-v2.rst, "No Internal Process Constraint"
 */
export function enableControllers(place: Place, needed: readonly string[], wished: readonly string[]): void {
  const all = [...new Set([...needed, ...wished])]
  if (all.length === 0) return
  const present = words(readText(`${place.directory}/cgroup.controllers`))
  if (all.every((name) => present.includes(name))) return
  for (const ancestor of ancestors(place)) {
    const given = words(readText(`${ancestor}/cgroup.subtree_control`))
    const missing = all.filter((name) => !given.includes(name))
    if (missing.length === 0) continue
    const required = missing.filter((name) => needed.includes(name))
    try {
      checkEmpty(ancestor, missing)
      if (required.length > 0) writeText(`${ancestor}/cgroup.subtree_control`, plus(required))
    } catch (error) {
      if (required.length === 0) return
      throw explained(error, 2, `Cannot enable ${required.join(', ')} for cgroup ${pathOf(place)}`)
    }
    // One by one: one that is refused must not take the others with it.
    for (const name of missing.filter((each) => !required.includes(each))) {
      try {
        writeText(`${ancestor}/cgroup.subtree_control`, plus([name]))
      } catch {
        // Wished, not needed.
      }
    }
  }
}

/** From the mountpoint to the parent. */
export function ancestors(place: Place): string[] {
  const parts = pathOf(place).slice(1).split('/')
  return parts.map((_, depth) => [place.mountpoint, ...parts.slice(0, depth)].join('/'))
}

/** cgroup-v2.rst, "Threads": what can be divided among the threads of one process. */
export const threadedControllers: ReadonlySet<string> = new Set(['cpu', 'cpuset', 'pids', 'perf_event'])

function checkEmpty(directory: string, wanted: readonly string[]): void {
  try {
    // Only the real root has no cgroup.type, and only it may have both processes and controllers for its children.
    const type = readText(`${directory}/cgroup.type`).trim()
    // But for groups of threads, whose processes stay here.
    if (type.includes('threaded') && wanted.every((name) => threadedControllers.has(name))) return
  } catch (error) {
    if (error instanceof CgroupError && error.code === 'ENOENT') return
    throw error
  }
  if (readText(`${directory}/cgroup.procs`) === '') return
  throw new CgroupError({ code: 'EBUSY', syscall: 'write', path: `${directory}/cgroup.subtree_control` })
}

function plus(names: readonly string[]): string {
  return names.map((name) => `+${name}`).join(' ')
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}
