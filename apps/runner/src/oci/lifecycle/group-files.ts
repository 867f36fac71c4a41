import { write, type Group, type LimitWrite } from '@ctr/cgroup'

/** The files of the group have taken the values, each in one write(2). */
export function writeFiles(group: Group, writes: readonly LimitWrite[]): void {
  for (const { file, value } of writes) write(group, file, value)
}
