import { readFileSync, statSync } from 'node:fs'
import { lastCap, read as capabilitiesOf } from '@ctr/caps'
import { cgroups, type Layout } from '@ctr/cgroup'
import { parseLimits, parseStat } from '@ctr/procfs'
import { constant, type Machine as Architecture } from '@ctr/syscall'
import { defaultMaskedPaths, defaultReadOnlyPaths } from '@ctr/rootfs'
import type { ContainerConfig } from './config.ts'
import type { Facts, Inherited, KernelPath, PathKind } from './facts.ts'
import { readInRoot } from './read-in-root.ts'

/** What does not change while the machine runs is read once. */
interface Machine extends Pick<Facts, 'lastCap' | 'bounding' | 'machine' | 'kernel'> {
  readonly cgroups: Layout
  readonly masked: readonly KernelPath[]
  readonly readOnlyPaths: readonly KernelPath[]
}

let machine: Machine | undefined

const readMachine = (): Machine => (machine ??= {
  cgroups: cgroups(),
  ...readCapabilities(),
  masked: existing(defaultMaskedPaths),
  readOnlyPaths: existing(defaultReadOnlyPaths),
})

/**
 * Reads what `container` has to know of this machine, and of the image that a configuration names.
 *
 * @param at an empty directory to mount the root on
 */
export function readFacts(config: ContainerConfig, at: string): Facts {
  const image = config.rootfs === 'host' ? '/' : config.rootfs
  const needsUsers = config.user !== undefined && !/^\d+:\d+$/.test(config.user)
  return {
    at,
    ...readMachine(),
    passwd: needsUsers ? readInRoot(image, 'etc/passwd') : 'root:x:0:0:root:/root:/bin/sh\n',
    group: needsUsers ? readInRoot(image, 'etc/group') : '',
    sources: Object.fromEntries((config.mounts ?? []).flatMap((mount) => (mount.type === 'bind' ? [[mount.source, kindOf(mount.source)]] : []))),
    inherited: readInherited(),
  }
}

/** What this kernel knows of capabilities, what we may pass on, and what it is. */
export const readCapabilities = (): Pick<Facts, 'lastCap' | 'bounding' | 'machine' | 'kernel'> => ({ lastCap: lastCap(), bounding: capabilitiesOf().bounding, machine: process.arch as Architecture, kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim() })

function existing(paths: readonly string[]): KernelPath[] {
  return paths.flatMap((path) => {
    const stat = statSync(path, { throwIfNoEntry: false })
    return stat ? [{ path, kind: stat.isDirectory() ? 'directory' : 'file' }] : []
  })
}

/** The source of a bind mount; that it is there at all is for the kernel to say, at the call that needs it. */
function kindOf(path: string): PathKind {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false ? 'file' : 'directory'
}

/** As UTF-8, which Node reads in one go; all that is looked at is ASCII. */
export function readInherited(): Inherited {
  const { nice, policy } = parseStat(readFileSync('/proc/self/stat', 'utf8'))
  // Two of its sixty lines are needed, at every start.
  const status = readFileSync('/proc/self/status', 'utf8')
  const allowed = /^Cpus_allowed_list:\t(.+)$/m.exec(status)?.[1]
  const { online, possible: all } = (cpus ??= readCpus())
  const kept = allowed !== undefined && missesSome(allowed, online)
  return {
    mayRaiseLimits: (BigInt(`0x${/^CapEff:\t([\da-f]+)$/m.exec(status)?.[1] ?? '0'}`) >> BigInt(constant('CAP_SYS_RESOURCE')) & 1n) === 1n,
    nice,
    policy,
    oomScoreAdj: Number(readFileSync('/proc/self/oom_score_adj', 'utf8')),
    ...(kept ? { allCpus: all } : {}),
    rlimits: rlimitsOf(readFileSync('/proc/self/limits', 'utf8')),
  }
}

/** The last text, and what it says: it is the same at almost every start. */
let lastLimits: { readonly text: string; readonly rlimits: Inherited['rlimits'] } | undefined

function rlimitsOf(text: string): Inherited['rlimits'] {
  if (lastLimits?.text === text) return lastLimits.rlimits
  const value = (limit: bigint | 'unlimited') => (limit === 'unlimited' ? 'RLIM64_INFINITY' as const : Number(limit))
  const rlimits = Object.fromEntries(Object.entries(parseLimits(text)).map(([name, { soft, hard }]) => [name, [value(soft), value(hard)] as const]))
  lastLimits = { text, rlimits }
  return rlimits
}

function missesSome(allowed: string, online: readonly number[]): boolean {
  const list = cpuList(allowed)
  return online.some((cpu) => !list.includes(cpu))
}

interface Cpus {
  readonly online: readonly number[]
  readonly possible: readonly number[]
}

let cpus: Cpus | undefined

function readCpus(): Cpus {
  const read = (file: string) => cpuList(readFileSync(`/sys/devices/system/cpu/${file}`, 'utf8').trim())
  return { online: read('online'), possible: read('possible') }
}

/** @see the "List format" of cpuset(7): `0-3,6` */
function cpuList(text: string): number[] {
  return text.split(',').filter(Boolean).flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}
