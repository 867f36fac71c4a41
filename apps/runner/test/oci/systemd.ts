import { spawn, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { child, create, delegate, deleteGroup, group, join as joinGroup, kill, procs, type Group, type Place } from '@ctr/cgroup'
import { layout } from './group.ts'
import { finished, until, type Finished } from '../ctrun.ts'
import { daemon } from './rootless.ts'

const program = '/lib/systemd/systemd'

const withoutProgram = existsSync(program) ? false : 'needs systemd (Debian package systemd)'

/** Why systemd cannot be tried here, with groups of version 2 or 1; false where it can. */
export const withoutSystemd: string | false = layout.mode !== 'v2' ? 'needs cgroup v2 with controllers' : withoutProgram
export const withoutSystemdOnV1: string | false = layout.hierarchies.every(({ controllers }) => !controllers.includes('name=systemd')) ? 'needs cgroup v1 with a hierarchy name=systemd' : withoutProgram

let count = 0

/** A systemd for tests, that starts nothing, in a group of its own and with files of its own. */
export abstract class TestManager {
  readonly directory = mkdtempSync(join(tmpdir(), 'ctr-systemd-'))
  /** What systemd takes for the root of its groups is `manager` in it; whoever asks it for something is in `caller`. */
  readonly group: Group
  protected process!: ChildProcess
  readonly #kind: string
  #said = ''

  protected constructor(name: 'system' | 'user') {
    this.#kind = name
    this.group = group(layout, `/ctr-systemd-${name}-${process.pid}-${count++}`, { uncontrolled: true })
    mkdirSync(join(this.directory, 'units'))
    mkdirSync(join(this.directory, 'generators'))
    writeFileSync(join(this.directory, 'units/nothing.target'), '[Unit]\nDescription=Nothing\nDefaultDependencies=no\n')
  }

  protected spawn(words: readonly string[], env: Readonly<Record<string, string>>): void {
    const options = [`--${this.#kind}`, '--unit=nothing.target', '--log-target=console', '--log-level=warning']
    this.process = spawn(words[0]!, [...words.slice(1), program, ...options], {
      env: { PATH: '/usr/bin:/bin', SYSTEMD_UNIT_PATH: `${join(this.directory, 'units')}:${env['XDG_RUNTIME_DIR'] ?? '/run'}/systemd/transient`, SYSTEMD_GENERATOR_PATH: join(this.directory, 'generators'), ...env }, stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.process.stdout!, this.process.stderr!]) stream.on('data', (chunk: Buffer) => { this.#said += chunk.toString() })
  }

  protected async listening(look: () => boolean): Promise<void> {
    try {
      await until(() => {
        if (this.process.exitCode !== null) throw new Error(`systemd has ended with ${this.process.exitCode}: ${this.#said}`)
        return look() || undefined
      }, 'systemd to listen', 90_000)
    } catch (error) {
      await this.end()
      throw error
    }
  }

  /** The PID of systemd itself. */
  abstract get pid(): number

  /** The words that run others where they reach this systemd. */
  protected abstract argv(words: readonly string[]): readonly string[]
  protected readonly env: NodeJS.ProcessEnv = process.env

  /** Runs a command to its end. */
  run(...words: string[]): Promise<Finished> {
    const [command, ...rest] = this.argv(words)
    return finished(spawn(command!, rest, { env: this.env, stdio: ['pipe', 'pipe', 'pipe'] }))
  }

  /** The same without reading what it prints: what it leaves behind may hold the pipes. */
  detached(...words: string[]): Promise<number | null> {
    const [command, ...rest] = this.argv(words)
    return new Promise((resolve, reject) => spawn(command!, rest, { env: this.env, stdio: 'ignore' }).on('error', reject).on('close', resolve))
  }

  async end(): Promise<void> {
    const closed = new Promise((resolve) => this.process.once('close', resolve))
    await kill(this.group)
    if (this.process.exitCode === null && this.process.signalCode === null) await closed
    await deleteGroup(this.group)
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Systemd as PID 1, in namespaces of its own: of PIDs, mounts and groups, and a `/run` of its own. */
export class SystemManager extends TestManager {
  /** @param legacy on hosts with version 1: that of version 2, which has no controllers there, is not mounted */
  static async start({ legacy = false } = {}): Promise<SystemManager> {
    const manager = new SystemManager('system')
    const root = create(child(manager.group, 'manager'), { enable: ['cpu', 'cpuset', 'io', 'memory', 'pids'] })
    // Systemd begins in the group itself, and so that one may have no controllers to give until then.
    if (layout.mode === 'v2') create(child(root, 'caller'), { enable: [] })
    const outside = create(child(manager.group, 'outside'), { enable: [] })
    const mounts = manager.group.places.filter(({ version }) => version === 1 || !legacy).map(({ version, mountpoint, controllers }) =>
      (version === 1 ? `mkdir ${mountpoint} && mount -t cgroup -o ${controllers.join()} cgroup ${mountpoint}` : `mkdir -p ${mountpoint} && mount -t cgroup2 cgroup2 ${mountpoint}`))
    const inside = ['mount -t proc proc /proc', 'mount -t tmpfs tmpfs /run', 'umount -R /sys/fs/cgroup', ...(layout.mode === 'v2' ? [] : ['mount -t tmpfs tmpfs /sys/fs/cgroup']), ...mounts, 'exec "$@"']
    const script = [...manager.joins(root), `exec unshare --cgroup --mount --pid --fork --kill-child sh -ec '${inside.join('\n')}' sh "$@"`].join('\n')
    // It would mount what is missing of a hybrid host.
    const asked = `systemd.unified_cgroup_hierarchy=${layout.mode === 'v2' ? 1 : 0} systemd.legacy_systemd_cgroup_controller=${legacy ? 1 : 0}`
    manager.spawn(['sh', '-ec', script, 'sh'], { container: 'ctr', SYSTEMD_PROC_CMDLINE: asked })
    await manager.listening(() => existsSync(`/proc/${manager.pid}/root/run/systemd/private`))
    // unshare, its parent, is in the group too, and only a group without processes can give controllers.
    joinGroup(outside, manager.process.pid!)
    return manager
  }

  /** The directory of the root of its groups. @param controller of which, on version 1 */
  rootOf(controller: string): string {
    return directoryOf(this.group.places.find(({ version, controllers }) => (controller === 'unified' ? version === 2 : controllers.includes(controller)))!)
  }

  get root(): string {
    return directoryOf(this.group.places[0]!)
  }

  /** All of them. */
  get roots(): readonly string[] {
    return this.group.places.map(directoryOf)
  }

  get pid(): number {
    return procs(child(child(this.group, 'manager'), 'init.scope'))[0] ?? 0
  }

  protected argv(words: readonly string[]): readonly string[] {
    const root = child(this.group, 'manager')
    // On version 1 systemd removes groups that nobody is in, and lets processes be in its root.
    return ['sh', '-ec', [...this.joins(layout.mode === 'v2' ? child(root, 'caller') : root), `exec nsenter --target ${this.pid} --mount --pid --cgroup -- "$@"`].join('\n'), 'sh', ...words]
  }

  private joins(to: Group): string[] {
    return to.places.map(({ directory }) => `echo $$ > ${directory}/cgroup.procs`)
  }
}

const directoryOf = ({ directory }: Place): string => join(directory, 'manager')

/** The manager of an ordinary user, below a group that was lent to it, as systemd does it for who logs in. */
export class UserManager extends TestManager {
  static async start(): Promise<UserManager> {
    const manager = new UserManager('user')
    for (const name of ['manager', 'caller']) create(child(manager.group, name), { enable: ['memory', 'pids'] })
    for (const each of [manager.group, child(manager.group, 'manager'), child(manager.group, 'caller')]) delegate(each, daemon, daemon)
    mkdirSync(manager.runtimeDirectory, { mode: 0o700 })
    for (const each of [manager.directory, manager.runtimeDirectory]) chownSync(each, daemon, daemon)
    // It wants to see that the machine has a systemd (sd_booted(3)).
    const booted = ['unshare', '--mount', 'sh', '-ec', 'mount -t tmpfs tmpfs /run; mkdir -p /run/systemd/system; exec "$@"', 'sh']
    manager.spawn([...booted, ...manager.#words('manager')], { HOME: manager.directory, XDG_RUNTIME_DIR: manager.runtimeDirectory })
    await manager.listening(() => existsSync(join(manager.runtimeDirectory, 'systemd/private')))
    return manager
  }

  protected override readonly env = { PATH: '/usr/bin:/bin', XDG_RUNTIME_DIR: this.runtimeDirectory }

  get runtimeDirectory(): string {
    return join(this.directory, 'run')
  }

  get root(): string {
    return join(this.group.places[0]!.directory, 'manager')
  }

  get pid(): number {
    return this.process.pid!
  }

  #words(place: string): string[] {
    const script = `echo $$ > ${this.group.places[0]!.directory}/${place}/cgroup.procs; exec setpriv --reuid=${daemon} --regid=${daemon} --clear-groups "$@"`
    return ['sh', '-ec', script, 'sh']
  }

  protected argv(words: readonly string[]): readonly string[] {
    return [...this.#words('caller'), ...words]
  }
}
