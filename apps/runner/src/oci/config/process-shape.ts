import { capabilities as known, parseCapability, type Capability } from '@ctr/caps'
import { families } from '@ctr/syscall'
import { numberList } from './number-list.ts'
import { absolutePath, boolean, ConfigError, id, integer, line, list, nullable, object, oneOf, refuse, text, uint64, where, type Read, type Shape } from './shape.ts'

/** Linux knows no more supplementary groups (NGROUPS_MAX, linux/limits.h). */
const mostGroups = 65536

/** A capability that this program has a name for: of a flag, which somebody has typed. */
export const capability: Shape<Capability> = (value, path) => {
  const name = text(value, path)
  if (/^CAP_[A-Z_]+$/.test(name)) {
    try {
      const known = parseCapability(name)
      if (known !== 'ALL') return known
    } catch {
      // The error below has the path.
    }
  }
  return refuse(path, value, 'a capability')
}

/**
 * Any text: what is no capability, or none of this kernel, is left out with a warning, and no error.
 *
 * @see OCI runtime-spec 1.3 config.md, Linux Process, `capabilities`: "Any value which cannot be mapped to a relevant kernel interface, or cannot
 *   be granted otherwise MUST be logged as a warning by the runtime."
 */
const capabilities = list(line)

export const rlimit = where(
  object({ type: oneOf(...(families.rlimit)), soft: limit(), hard: limit() }),
  ({ soft, hard }) => BigInt(soft) <= BigInt(hard),
  'a limit: soft is more than hard',
)

/** Hand-written configurations have -1 for "none", which is the same 64 bits. */
function limit(): Shape<number | bigint> {
  return (value, path) => (value === -1 ? 2n ** 64n - 1n : uint64(value, path))
}

const user = object({}, {
  uid: id, gid: id, umask: integer(0, 0o777, 'a mode: an integer from 0 to 511'), additionalGids: list(id, mostGroups), username: text,
})

/** More than a hundred days are beyond what a number holds exactly, and what anybody means. */
const nanoseconds = integer(0, Number.MAX_SAFE_INTEGER, 'a number of nanoseconds: an integer from 0 to 2^53 - 1')

const scheduler = object(
  { policy: oneOf('SCHED_OTHER', 'SCHED_FIFO', 'SCHED_RR', 'SCHED_BATCH', 'SCHED_ISO', 'SCHED_IDLE', 'SCHED_DEADLINE') },
  {
    nice: integer(-20, 19), priority: integer(0, 99), runtime: nanoseconds, deadline: nanoseconds, period: nanoseconds,
    flags: list(oneOf('SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_RECLAIM', 'SCHED_FLAG_DL_OVERRUN', 'SCHED_FLAG_KEEP_POLICY', 'SCHED_FLAG_KEEP_PARAMS', 'SCHED_FLAG_UTIL_CLAMP_MIN', 'SCHED_FLAG_UTIL_CLAMP_MAX')),
  },
)

const ioPriority = object({ class: oneOf('IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE') }, { priority: integer(0, 7) })

/** sched_setaffinity(2) is given no more bits (NR_CPUS, arch/x86/Kconfig). */
const cpus = numberList(8191)

/** @see OCI runtime-spec config.md, Process; config-linux.md */
const shape = object({
  cwd: absolutePath,
  args: where(list(text), (args) => args.length > 0 && args[0] !== '', 'a command and its arguments'),
}, {
  terminal: boolean,
  // The kernel keeps 16 bits of each (struct winsize, asm-generic/termios.h).
  consoleSize: nullable(object({ height: integer(0, 65535), width: integer(0, 65535) })),
  user, env: list(text),
  capabilities: nullable(object({}, { bounding: capabilities, effective: capabilities, inheritable: capabilities, permitted: capabilities, ambient: capabilities })),
  rlimits: list(rlimit), noNewPrivileges: boolean, apparmorProfile: text, selinuxLabel: text,
  oomScoreAdj: nullable(integer(-1000, 1000)), scheduler: nullable(scheduler), ioPriority: nullable(ioPriority),
  execCPUAffinity: nullable(object({}, { initial: cpus, final: cpus })),
})

export type OciProcess = Read<typeof shape>
export type OciCapabilities = NonNullable<OciProcess['capabilities']>
export type OciScheduler = NonNullable<OciProcess['scheduler']>
export type OciRlimit = Read<typeof rlimit>

/** A process, with what its members say of each other. */
export const processShape: Shape<OciProcess> = (value, path) => {
  const read = shape(value, path)
  const at = (member: string) => (path === '' ? member : `${path}.${member}`)
  const types = (read.rlimits ?? []).map(({ type }) => type)
  const twice = types.findIndex((type, i) => types.indexOf(type) !== i)
  if (twice >= 0) throw new ConfigError(at(`rlimits[${twice}].type`), `${types[twice]} comes twice`)
  if (read.capabilities) checkSets(read.capabilities, at('capabilities'))
  return read
}

/**
 * That an ambient one is inheritable too is not asked for, though the kernel does: buildah writes others, and runc passes over them.
 *
 * @see capabilities(7), Thread capability sets, and prctl(2) on PR_CAP_AMBIENT_RAISE
 */
function checkSets({ effective = [], permitted = [], ambient = [] }: OciCapabilities, path: string): void {
  const part = (name: string, of: readonly string[], whole: readonly string[], wholeName: string) => {
    const lacking = of.find((each) => isCapability(each) && !whole.includes(each))
    if (lacking !== undefined) throw new ConfigError(`${path}.${name}`, `${lacking} is not in ${wholeName}, so the kernel would refuse it`)
  }
  part('effective', effective, permitted, 'permitted')
  part('ambient', ambient, permitted, 'permitted')
}

const isCapability = (name: string): boolean => (known as readonly string[]).includes(name)
