/** One line of /proc/PID/cgroup: where a process is in one hierarchy. */
export interface Membership {
  /** 0 is the v2 hierarchy. */
  readonly hierarchy: number
  /** v1 controllers of the hierarchy, or `name=systemd`; empty for v2. */
  readonly controllers: readonly string[]
  /** As seen from the reader's cgroup namespace; starts with `/..` when outside it. */
  readonly path: string
}

/**
 * The memberships in the text of /proc/PID/cgroup.
 *
 * A group that was removed under the process ends in ` (deleted)`, exactly as the kernel prints it.
 *
 * @param text the whole file
 * @throws SyntaxError a line that is not `ID:LIST:PATH`
 * @see cgroups(7), "/proc/pid/cgroup"
 */
export function parseProcCgroup(text: string): Membership[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      // The path may contain colons; the list may not.
      const [id = '', list = '', ...rest] = line.split(':')
      const [hierarchy, path] = [Number.parseInt(id, 10), rest.join(':')]
      if (String(hierarchy) !== id || !path.startsWith('/')) throw new SyntaxError(`/proc/PID/cgroup line ${index + 1}: not ID:CONTROLLERS:PATH: ${JSON.stringify(line)}`)
      return { hierarchy, controllers: list === '' ? [] : list.split(','), path }
    })
}
