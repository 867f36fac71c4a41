import type { DoctorFacts } from './facts.ts'
import { finding, type Finding } from './finding.ts'

/** Limits that people ask for, by the controller that has them on version 2, and on version 1. */
const wanted = { memory: 'memory', cpu: 'cpu', pids: 'pids', cpuset: 'cpuset', io: 'blkio' } as const

const toV2 = 'systemd.unified_cgroup_hierarchy=1 cgroup_no_v1=all on the kernel command line'

export function cgroupFindings({ cgroups: { mode, v1, v2, lent }, privileged, inUserNamespace, systemd }: DoctorFacts): Finding[] {
  const root = privileged && !inUserNamespace
  const there = root ? [...v1, ...v2] : (lent?.controllers ?? [])
  const missing = Object.entries(wanted).flatMap(([two, one]) => (there.includes(two) || (root && v1.includes(one)) ? [] : [two]))
  return [
    mode === 'none' ? finding('cgroup', 'no', 'no hierarchy is mounted', { needed: true, fix: 'mount -t cgroup2 none /sys/fs/cgroup' })
      : finding('cgroup', mode === 'v2' ? 'yes' : 'partly', mode === 'v2' ? 'version 2' : `version 1${mode === 'hybrid' ? ', with an empty version 2 beside it' : ''}: no limits without root`, { needed: true, fix: toV2 }),
    controllers(missing, there, root, lent?.path),
    systemd && (mode === 'v2' || root) ? finding('systemd', 'yes', 'ctrun-oci --systemd-cgroup has it make the groups')
      : finding('systemd', 'no', 'ctrun-oci --systemd-cgroup is an error', { fix: systemd ? `as root, or ${toV2}` : 'boot with systemd' }),
  ]
}

function controllers(missing: readonly string[], there: readonly string[], root: boolean, lent: string | undefined): Finding {
  if (!root && lent === undefined) return finding('limits', 'no', 'no group was lent to this user: ctrun-oci makes none, and limits are an error', { fix: 'cgroup version 2, and systemctl edit user@.service with [Service] Delegate=cpu cpuset io memory pids' })
  if (missing.length === 0) return finding('limits', 'yes', there.join(' ') + (root ? '' : `, below ${lent}`))
  return finding('limits', 'partly', `none of ${missing.join(', ')}${root ? '' : ` below ${lent}`}`, { fix: root ? `a kernel that has them, or cgroup_enable=${missing[0]} on its command line` : 'systemctl edit user@.service with [Service] Delegate=cpu cpuset io memory pids' })
}
