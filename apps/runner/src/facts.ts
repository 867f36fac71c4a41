import type { Capability } from '@ctr/caps'
import type { Layout } from '@ctr/cgroup'
import type { Machine } from '@ctr/syscall'

/** Whether something is a file or a directory: they are mounted on, and masked, in different ways. */
export type PathKind = 'file' | 'directory'

export interface KernelPath {
  readonly path: string
  readonly kind: PathKind
}

/** What has to be known of the machine before a container can be written down. `readFacts` reads it; a test writes it. */
export interface Facts {
  /** An empty directory, ours, that the new root is mounted on. Only the container sees that mount. */
  readonly at: string
  readonly cgroups: Layout
  /** Whose numbers system calls have here: a filter is for one machine. */
  readonly machine: Machine
  /** The release of the kernel, which rules of a seccomp profile may depend on. */
  readonly kernel: string
  /** /proc/sys/kernel/cap_last_cap */
  readonly lastCap: number
  /** What capabilities there are to give: our own bounding set. */
  readonly bounding: readonly Capability[]
  /** Which of the paths that should be hidden or read-only this kernel has. */
  readonly masked: readonly KernelPath[]
  readonly readOnlyPaths: readonly KernelPath[]
  /** /etc/passwd and /etc/group of the image. */
  readonly passwd: string
  readonly group: string
  /** What the source of each bind mount is. */
  readonly sources: Readonly<Record<string, PathKind>>
  /** What a child of ours would inherit and should not. */
  readonly inherited: Inherited
}

export interface Inherited {
  /** CAP_SYS_RESOURCE: without it a hard limit can only be lowered. */
  readonly mayRaiseLimits: boolean
  readonly nice: number
  /** 0 is SCHED_OTHER, which is what a fresh process has (sched(7)). */
  readonly policy: number
  readonly oomScoreAdj: number
  /** All processors, where we are kept to some of them; undefined where we are not. */
  readonly allCpus?: readonly number[]
  /** Our own limits by kernel name: [soft, hard]. */
  readonly rlimits: Readonly<Record<string, readonly [number | 'RLIM64_INFINITY', number | 'RLIM64_INFINITY']>>
}
