import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { closeSync, existsSync, fsyncSync, mkdtempSync, openSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cgroups, deleteGroup, group, join as joinGroup, kill, type Controller, type Group, type Layout } from '../src/index.ts'

/** Why these tests cannot run here, in words; undefined when they can. */
export const unable =
  process.platform !== 'linux' ? 'needs Linux' : process.getuid?.() !== 0 ? 'needs root' : cgroups().hierarchies.some((each) => each.readOnly) ? 'needs writable cgroup mounts' : undefined

export const layout: Layout = unable === 'needs Linux' ? { mode: 'v2', hierarchies: [], own: {}, disabled: [] } : cgroups()

/** A hybrid machine can also be looked at as if it had v1 only: both ways through freeze, kill and delete are tested. */
export const views: readonly (readonly [string, Layout])[] =
  layout.mode === 'hybrid' ? [['hybrid', layout], ['its v1 hierarchies only', { ...layout, mode: 'v1', hierarchies: layout.hierarchies.filter((each) => each.version === 1) }]] : [[layout.mode, layout]]

/** The v2 hierarchy alone, which a hybrid machine has too, if with hardly a controller; undefined on v1. */
export const unifiedView: Layout | undefined = layout.hierarchies.some((each) => each.version === 2) ? { ...layout, mode: 'v2', hierarchies: layout.hierarchies.filter((each) => each.version === 2) } : undefined

export function has(controller: Controller): boolean {
  return layout.hierarchies.some((each) => each.controllers.includes(controller))
}

const unified = layout.hierarchies.find((each) => each.version === 2)
const given = () => (unified ? readFileSync(`${unified.mountpoint}/cgroup.subtree_control`, 'utf8').trim().split(' ').filter(Boolean) : [])
const givenBefore = unable ? [] : given()

/** What a test made and did not remove: groups with its name, and controllers that the v2 root gives its children since. */
export function leftovers(): string[] {
  const below = (directory: string): string[] =>
    directoriesIn(directory).flatMap((name) => (name.startsWith(`ctr-test-${process.pid}-`) ? [`${directory}/${name}`] : below(`${directory}/${name}`)))
  return [...layout.hierarchies.flatMap((each) => below(each.mountpoint)), ...given().filter((name) => !givenBefore.includes(name)).map((name) => `+${name}`)]
}

/** A group that vanishes meanwhile, another program's, has none. */
function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

let count = 0
const groups: Group[] = []
const children: ChildProcessWithoutNullStreams[] = []

/** A name that no other test run uses; the group is not made. */
export function scratch(view: Layout = layout, controllers?: readonly Controller[]): Group {
  const made = group(view, `/ctr-test-${process.pid}-${++count}`, controllers ? { controllers } : {})
  groups.push(made)
  return made
}

/** A process that is in the group before its command starts. */
export interface Member {
  readonly pid: number
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>
}

/** Starts a command as the leader of a process group, which is killed after the test. */
export function start(file: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  children.push(child)
  return child
}

/** Starts `args` in the group: a shell waits for the move, then execs. */
export function startIn(member: Group, ...args: string[]): Member {
  const child = start('/bin/sh', ['-c', 'read go && exec "$@"', 'sh', ...args])
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  const exit = new Promise<Awaited<Member['exit']>>((resolve) => child.on('close', (code, signal) => resolve({ code, signal, output })))
  joinGroup(member, child.pid!)
  child.stdin.end('go\n')
  return { pid: child.pid!, exit }
}

/** Ends what the test started and removes the groups it made, all that can be, whatever fails; call after each test. */
export async function cleanUp(): Promise<void> {
  const errors: unknown[] = []
  const attempt = async (step: () => unknown) => {
    try {
      await step()
    } catch (error) {
      errors.push(error)
    }
  }
  const started = children.splice(0)
  for (const child of started) endAll(child)
  for (const each of groups.splice(0)) {
    await attempt(() => kill(each, { timeoutMillis: patience }))
    await attempt(() => deleteGroup(each, { timeoutMillis: patience }))
  }
  await attempt(() => until('an end of all processes', () => started.every((child) => child.exitCode !== null || child.signalCode !== null)))
  await attempt(() => {
    const added = given().filter((name) => !givenBefore.includes(name))
    if (unified && added.length > 0) writeFileSync(`${unified.mountpoint}/cgroup.subtree_control`, added.map((name) => `-${name}`).join(' '))
  })
  if (errors.length > 0) throw new AggregateError(errors, `Cannot clean up: ${errors.join('; ')}`)
}

/** Kills a process group. Without its leader its number may be another's by now; then its members end with their cgroup. */
function endAll(leader: ChildProcessWithoutNullStreams): void {
  if (leader.exitCode !== null || leader.signalCode !== null) return
  try {
    process.kill(-leader.pid!, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

const patience = process.env['CTR_GUEST'] === undefined ? 15_000 : 60_000

/** Waits until something is true; fails with what it was waiting for. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = performance.now() + patience; performance.now() < end; await pause(5)) if (condition()) return
  throw new Error(`${what}: not after ${patience} ms`)
}

export const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))

/** The whole disk that temporary files are on, as MAJOR:MINOR; undefined where they are on none, such as a tmpfs or the guest's overlay. */
export const disk: string | undefined = (() => {
  try {
    const { dev } = statSync(tmpdir())
    // The C library's makedev(3), for numbers that fit in 32 bits.
    const node = realpathSync(`/sys/dev/block/${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`)
    return readFileSync(existsSync(`${node}/partition`) ? `${node}/../dev` : `${node}/dev`, 'utf8').trim()
  } catch {
    return undefined
  }
})()

/** A file of `bytes` on that disk, none of it in memory only. Removed by its maker. */
export function fileOnDisk(bytes: number): string {
  const file = join(mkdtempSync(join(tmpdir(), 'ctr-test-')), 'data')
  const fd = openSync(file, 'w')
  writeSync(fd, Buffer.alloc(bytes, 'x'))
  fsyncSync(fd)
  closeSync(fd)
  return file
}
