import type { Layout } from './layout.ts'
import { checkInteger, versionOf } from './limit-value.ts'
import type { Limits, LimitWrite } from './limits.ts'

/** @see Documentation/admin-guide/cgroup-v2.rst, "PID" */
export function pidsWrites(layout: Layout, { pidsMax }: Limits): LimitWrite[] {
  if (pidsMax === undefined) return []
  // kernel/cgroup/pids.c: PIDS_MAX is PID_MAX_LIMIT + 1, and a value at or above it is EINVAL.
  checkInteger('pids.max', pidsMax, 0, 4 * 1024 * 1024)
  versionOf(layout, 'pids')
  return [{ controller: 'pids', file: 'pids.max', value: String(pidsMax) }]
}
