import type { Limits } from '@ctr/cgroup'
import type { MobyProfile } from '@ctr/seccomp'

/** Something that is mounted in the container. */
export type Mount =
  | { readonly type: 'bind'; readonly source: string; readonly target: string; readonly readOnly?: boolean }
  | { readonly type: 'tmpfs'; readonly target: string; readonly sizeBytes?: number; readonly mode?: number; readonly options?: readonly string[] }

/** A resource limit of a process: soft and hard, in the unit of getrlimit(2), or unlimited. */
export type Ulimit = readonly [soft: number | 'unlimited', hard: number | 'unlimited']

/** What a container is to be. Everything but `rootfs` and `args` has a default. */
export interface ContainerConfig {
  /** `host`: copy-on-write over this machine's own files. Or the absolute path of a directory. */
  readonly rootfs: string
  /** The command and its arguments. Without a slash it is looked for in PATH, inside. */
  readonly args: readonly string[]
  /** 1 to 63 letters, digits, `_`, `.` and `-`, the first a letter or digit. Default: a new one. */
  readonly name?: string
  /** Default: the container's name. */
  readonly hostname?: string
  /** Nothing of our own environment is passed on. Default: PATH, HOME and HOSTNAME, and TERM with a terminal. */
  readonly env?: Readonly<Record<string, string>>
  /** Default: `/`. Made if it is missing. */
  readonly cwd?: string
  /** `name`, `uid`, `name:group`, `uid:gid`. Default: root. */
  readonly user?: string
  readonly limits?: Limits
  readonly mounts?: readonly Mount[]
  /** The root file system cannot be written to. */
  readonly readOnly?: boolean
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  readonly noNewPrivileges?: boolean
  /** Which system calls are let through: what is not refused by default, all, or what a profile in OCI's or Docker's form says. Default `default`. */
  readonly seccomp?: 'default' | 'unconfined' | MobyProfile
  /** Default `none`: an own network with nothing but lo. */
  readonly network?: 'none' | 'host'
  readonly pid?: 'private' | 'host'
  readonly ipc?: 'private' | 'host'
  readonly uts?: 'private' | 'host'
  /** By the name of ulimit in lower case: `nofile`, `nproc`, `core`… */
  readonly ulimits?: Readonly<Record<string, Ulimit>>
  /** A PID 1 of a few kilobytes that forwards signals and reaps orphans, in front of the command. */
  readonly init?: boolean
  /** The command gets a terminal of its own as 0, 1 and 2. */
  readonly tty?: boolean
  /** What `stop` sends. Default SIGTERM. */
  readonly stopSignal?: string
  /** How long `stop` waits before it kills. Default 10. */
  readonly stopTimeoutSeconds?: number
  /** Nothing is kept when it has ended. Default true for `run` of the library. */
  readonly remove?: boolean
}

/** What the container is called inside; undefined where it has the name of the host. */
export function hostnameOf({ uts, hostname, name }: Pick<ContainerConfig, 'uts' | 'hostname' | 'name'>): string | undefined {
  return uts === 'host' ? undefined : (hostname ?? name)
}

const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/

/**
 * Throws what is wrong with a configuration, before anything runs.
 *
 * @throws TypeError, RangeError quoting the value
 */
export function checkConfig(config: ContainerConfig): void {
  const { rootfs, args, name, hostname, env = {}, cwd, mounts = [] } = config
  if (typeof rootfs !== 'string' || (rootfs !== 'host' && !rootfs.startsWith('/'))) throw new TypeError(`The root file system must be 'host' or the absolute path of a directory, not ${JSON.stringify(rootfs)}`)
  if (!Array.isArray(args) || args.length === 0) throw new TypeError('A container needs a command')
  for (const arg of args) checkText('An argument', arg)
  if (args[0] === '') throw new TypeError('The command is empty')
  if (name !== undefined && !validName.test(name)) throw new TypeError(`Cannot call a container ${JSON.stringify(name)}: a name is 1 to 63 letters, digits, "_", "." and "-", and starts with a letter or digit`)
  // The kernel's own limit is 64 bytes (__NEW_UTS_LEN).
  if (hostname !== undefined && (hostname.length === 0 || Buffer.byteLength(hostname) > 64 || hostname.includes('\0'))) throw new RangeError(`A hostname has 1 to 64 bytes, ${JSON.stringify(hostname)} has ${Buffer.byteLength(hostname)}`)
  for (const [key, value] of Object.entries(env)) {
    if (key === '' || key.includes('=')) throw new TypeError(`Cannot set the variable ${JSON.stringify(key)}`)
    checkText(`The variable ${key}`, key + value)
  }
  for (const path of [cwd, ...mounts.map((mount) => mount.target)]) {
    if (path === undefined) continue
    checkText('A path', path)
    if (!path.startsWith('/')) throw new TypeError(`A path inside the container must be absolute, not ${JSON.stringify(path)}`)
  }
  for (const mount of mounts) if (mount.type === 'bind' && !mount.source.startsWith('/')) throw new TypeError(`The source of a mount must be an absolute path, not ${JSON.stringify(mount.source)}`)
  if (config.tty && config.args.length === 0) throw new TypeError('A terminal needs a command')
}

function checkText(what: string, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a string, not ${JSON.stringify(value)}`)
  if (value.includes('\0')) throw new TypeError(`${what} must not contain a NUL byte: ${JSON.stringify(value.slice(0, 80))}`)
}
