import { existsSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { isRoot, placeOf, type Group } from './group.ts'

/**
 * Calls back whenever the group may have changed, until the returned function is called.
 *
 * v2 tells: cgroup.events, memory.events and pids.events are marked modified (kernfs_notify), which inotify reports, no more often than every
 * 10 ms. v1 tells only who has an eventfd and waits for it outside of Node's event loop; what is there is looked at every `pollMillis`, and so
 * is everything when the system has no inotify watch left (fs.inotify.max_user_watches).
 *
 * @see Documentation/admin-guide/cgroup-v2.rst, "Interface Files"; inotify(7)
 */
export function wakeOn(group: Group, pollMillis: number, changed: () => void): () => void {
  const unified = placeOf(group, 'unified')
  const files = ['cgroup.events', 'memory.events', 'pids.events'].map((file) => `${unified?.directory}/${file}`).filter((path) => unified && existsSync(path))
  // A file of a removed group says nothing: the end is a change of its parent (vfs_rmdir, fsnotify_rmdir).
  const parents = unified && !isRoot(group) ? [dirname(unified.directory)] : []
  const watchers: FSWatcher[] = []
  let timer: NodeJS.Timeout | undefined
  const poll = () => { timer ??= setInterval(changed, pollMillis) }
  if (group.places.some((place) => place.version === 1)) poll()
  for (const path of [...files, ...parents]) {
    try {
      const watcher = watch(path, (_, name) => { if (!parents.includes(path) || name === basename(unified!.directory)) changed() })
      watcher.on('error', poll)
      watchers.push(watcher)
    } catch (error) {
      // ENOENT: gone meanwhile, which the next look tells. EMFILE, ENOSPC: no instance or no watch left.
      if (!['ENOENT', 'ENODEV', 'EMFILE', 'ENOSPC'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
      poll()
    }
  }
  return () => {
    clearInterval(timer)
    for (const watcher of watchers) watcher.close()
  }
}
