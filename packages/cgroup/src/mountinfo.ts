/** A mount of a cgroup filesystem, as /proc/PID/mountinfo lists it. */
export interface CgroupMount {
  readonly version: 1 | 2
  /** The directory of the filesystem that is visible at `mountpoint`; '/' unless bound, or seen across a cgroup namespace. */
  readonly root: string
  readonly mountpoint: string
  readonly readOnly: boolean
  /** Superblock options: the v1 controllers and `name=` are among them. */
  readonly options: readonly string[]
}

/**
 * The cgroup mounts in the text of /proc/PID/mountinfo, in mount order.
 *
 * Lines of other filesystems are skipped; a mountpoint that is mounted over is listed as often as it is mounted.
 *
 * @param text the whole file
 * @see proc_pid_mountinfo(5)
 */
export function parseCgroupMounts(text: string): CgroupMount[] {
  const mounts: CgroupMount[] = []
  for (const line of text.split('\n')) {
    // Optional fields make the left side variable: the type follows the first ' - '.
    const dash = line.indexOf(' - ')
    if (dash < 0) continue
    const [type, , options] = line.slice(dash + 3).split(' ')
    if (type !== 'cgroup' && type !== 'cgroup2') continue
    const [, , , root, mountpoint, mountOptions] = line.slice(0, dash).split(' ')
    if (root === undefined || mountpoint === undefined || mountOptions === undefined) continue
    mounts.push({
      version: type === 'cgroup2' ? 2 : 1,
      root: unescapePath(root),
      mountpoint: unescapePath(mountpoint),
      readOnly: mountOptions.split(',').includes('ro'),
      options: (options ?? '').split(','),
    })
  }
  return mounts
}

// show_mountinfo escapes space, tab, newline and backslash as three octal digits (fs/proc_namespace.c, seq_path_root " \t\n\\").
function unescapePath(text: string): string {
  return !text.includes('\\') ? text : text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
}
