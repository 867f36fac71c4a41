import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { expect } from 'vitest'
import { storeDirectory } from '../src/store.ts'
import { attempt, descendants, namespacesOf, processes, type Seen } from './processes.ts'

/** What a container could leave behind, each part as sorted lines. */
export type Snapshot = Readonly<Record<'mount' | 'cgroup' | 'state entry' | 'process' | 'namespace' | 'descriptor', readonly string[]>>

/**
 * Others may run containers on a developer's machine at the same time, so there only what has the prefix in its name, or descends from
 * us, counts. In CI the machine is ours, and everything on it does.
 */
const whole = process.env['CI'] === 'true'

/** @param prefix what the names of the test's containers begin with */
export function snapshot(prefix: string): Snapshot {
  const ours = descendants()
  return {
    mount: mounts(prefix),
    cgroup: cgroupDirectories(prefix),
    'state entry': stateEntries(prefix),
    process: (whole ? [...ours, ...launched(ours)] : [...ours, ...members(prefix, ours)]).map(({ comm, state, pid }) => `${comm} ${pid}${state === 'Z' ? ', a zombie' : ''}`).sort(),
    namespace: [...new Set([process.pid, ...(whole ? processes() : ours).map((each) => (typeof each === 'number' ? each : each.pid))].flatMap(namespacesOf))].sort(),
    descriptor: descriptors(),
  }
}

/** A container must take none of these away. The others may end meanwhile: they are of a test that ran before, and is still closing. */
const lasting: readonly (keyof Snapshot)[] = ['mount', 'descriptor']

/** Each line is one thing that there was not before, or is no more and should be. */
export function difference(before: Snapshot, after: Snapshot): string[] {
  return (Object.keys(before) as (keyof Snapshot)[]).flatMap((kind) => [
    ...without(after[kind], before[kind]).map((line) => `left behind: ${kind} ${line}`),
    ...(lasting.includes(kind) ? without(before[kind], after[kind]) : []).map((line) => `gone: ${kind} ${line}`),
  ])
}

/** What there is once nothing of what ran before is still closing: twice the same within a tenth of a second. */
export async function settled(prefix: string): Promise<Snapshot> {
  for (let last = snapshot(prefix); ; ) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const now = snapshot(prefix)
    if (difference(last, now).length === 0) return now
    last = now
  }
}

/** What takes a moment takes ten where the processor is emulated. */
const patienceMillis = process.env['CTR_GUEST'] === undefined ? 15_000 : 30_000

/** All is as it was, after a moment: streams close, and namespaces and cgroups end, a little after their process. */
export async function expectNothingLeft(prefix: string, before: Snapshot): Promise<void> {
  await expect.poll(() => difference(before, snapshot(prefix)), { timeout: patienceMillis, interval: 20 }).toEqual([])
}

/** The lines of one list that are not in another, counted: three pipes are one more than two. */
function without(lines: readonly string[], known: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of known) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

/** The first two fields are numbers of the kernel's own, and the peer groups behind `shared:` too. */
function mounts(prefix: string): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n').map((line) => line.replace(/^\d+ \d+ /, '').replace(/ (shared|master|propagate_from):\d+/g, ' $1'))
  return lines.filter((line) => whole || line.includes(prefix)).sort()
}

/** In every hierarchy, at any depth. */
function cgroupDirectories(prefix: string): string[] {
  const below = (directory: string): string[] => (attempt(() => readdirSync(directory, { withFileTypes: true })) ?? []).filter((entry) => entry.isDirectory())
    .flatMap((entry) => [`${directory}/${entry.name}`, ...below(`${directory}/${entry.name}`)])
  return below('/sys/fs/cgroup').filter((path) => path.includes(whole ? 'ctrun' : `ctrun-${prefix}`)).sort()
}

/** Drafts, which have no name yet, are known by the name in them. */
function stateEntries(prefix: string): string[] {
  const store = storeDirectory()
  const entries = attempt(() => readdirSync(store)) ?? []
  return entries.filter((name) => whole || name.startsWith(prefix) || (name.startsWith('.') && attempt(() => readFileSync(`${store}/${name}/state.json`, 'utf8'))?.includes(`"name":"${prefix}`))).sort()
}

/** Processes in a cgroup of ours that are not our descendants any more. */
function members(prefix: string, known: readonly Seen[]): Seen[] {
  return processes().filter(({ pid }) => !known.some((each) => each.pid === pid) && attempt(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.includes(`/ctrun-${prefix}`))
}

/** Processes that execute an image of ours, whoever started them. */
function launched(known: readonly Seen[]): Seen[] {
  return processes().filter(({ pid }) => !known.some((each) => each.pid === pid) && attempt(() => readlinkSync(`/proc/${pid}/exe`))?.startsWith('/memfd:ctr'))
}

/** What each is open on; the numbers are reused, and those of pipes and sockets say nothing. The listing's own is gone when it is looked at. */
function descriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => (attempt(() => statSync(`/proc/self/fd/${fd}`)) ? (attempt(() => readlinkSync(`/proc/self/fd/${fd}`)) ?? []) : [])).map((target) => target.replace(/\d+/g, 'N')).sort()
}
