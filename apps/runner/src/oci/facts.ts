import type { Capability } from '@ctr/caps'
import type { Layout } from '@ctr/cgroup'
import type { Constant, Machine } from '@ctr/syscall'
import type { Caller } from './caller.ts'
import type { PathKind } from '../facts.ts'
import type { ResctrlFacts } from './program/intel-rdt.ts'

/** What has to be known of the machine and of a bundle before the container can be written down. `readOciFacts` reads it; a test writes it. */
export interface OciFacts {
  readonly caller: Caller
  /** The root file system: absolute, no symbolic links on the way. */
  readonly rootfs: string
  readonly cgroups: Layout
  /** The cgroup namespace of the configuration is the host's, or the one that we are in: by path, or none is named. */
  readonly hostCgroups: boolean
  /** What filters of calls are written for. */
  readonly machine: Machine
  /** The kernel confines processes by AppArmor's profiles: /sys/module/apparmor/parameters/enabled */
  readonly appArmor: boolean
  /** The kernel uses SELinux, and has a policy: before that, it takes any label and does nothing with it. */
  readonly seLinux: boolean
  /** /proc/sys/kernel/cap_last_cap */
  readonly lastCap: number
  /** What capabilities there are to give: our own bounding set. */
  readonly bounding: readonly Capability[]
  /** What the source of each bind mount is. */
  readonly sources: Readonly<Record<string, PathKind>>
  /** What is at the masked and read-only paths, inside; nothing where they do not exist. */
  readonly covered: Readonly<Record<string, PathKind>>
  /** Modes of the directories that file systems in memory are mounted on, inside. */
  readonly modes: Readonly<Record<string, number>>
  /** Of the user of the process, in /etc/passwd of the image; where its environment has no HOME. */
  readonly home?: string
  /** resctrl and the group in it that the configuration names; undefined where it names none, or there is none. */
  readonly resctrl?: ResctrlFacts
  /** Limits that Node has changed for itself, as they were: [soft, hard]. */
  readonly rlimits: Readonly<Partial<Record<Constant<'rlimit'>, readonly [number | 'RLIM64_INFINITY', number | 'RLIM64_INFINITY']>>>
}
