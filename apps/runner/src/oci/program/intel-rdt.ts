import { posix } from 'node:path'
import { sys, type Program } from '@ctr/syscall'
import { reserved, type OciIntelRdt } from '../config/intel-rdt-shape.ts'
import { ConfigError } from '../config/shape.ts'
import { difference } from './schemata.ts'

/** What has to be known of resctrl, the file system by which processors divide caches and the bandwidth of memory. */
export interface ResctrlFacts {
  /** Where it is mounted. */
  readonly root: string
  /** What its directory says of the group that the container is to be in; undefined where there is none yet. */
  readonly schemata: string | undefined
}

/** The group of a container in resctrl. It is written down before it is made, so that whoever cleans up knows what there may be. */
export interface ResctrlGroup {
  readonly directory: string
  /** It was not there before, and belongs to this container alone: it goes with it. */
  readonly own: boolean
  /** That of the container itself, in which it is counted. */
  readonly monitoring?: string
}

/** A resctrl group, and the calls for it. */
export interface IntelRdt {
  readonly group: ResctrlGroup
  /** The group is there, with its limits. */
  readonly make: Program
  /** What is left of it where the container could not be made: also of a group with a name, if it was made for it. */
  readonly unmake: Program
}

/** In the order in which they are to be written: the later one counts (OCI runtime-spec config-linux.md, IntelRdt). */
export const linesOf = ({ l3CacheSchema, memBwSchema, schemata = [] }: OciIntelRdt): string[] => [l3CacheSchema ?? '', memBwSchema ?? '', ...schemata].filter((each) => each !== '')

const path = 'linux.intelRdt'

/**
 * A class of service for a container: its own, or one by name, which others may be in. By name it has to be there, unless it is said what it is to be;
 * then, if it is there, it has to be that.
 *
 * @param facts undefined where resctrl is not mounted
 * @throws ConfigError
 * @see OCI runtime-spec config-linux.md, IntelRdt; Documentation/arch/x86/resctrl.rst
 */
export function intelRdt(rdt: OciIntelRdt, id: string, facts: ResctrlFacts | undefined): IntelRdt {
  if (!facts) throw new ConfigError(path, 'no file system resctrl is mounted: it takes a processor and a kernel that have it, and mount -t resctrl resctrl /sys/fs/resctrl')
  const { closID } = rdt
  if (closID === undefined && reserved.has(id)) throw new ConfigError(path, `${id} cannot be the name of a group: the kernel has a directory of that name`)
  const directory = closID === '/' ? facts.root : posix.join(facts.root, closID ?? id)
  const lines = linesOf(rdt)
  const there = facts.schemata !== undefined
  if (closID !== undefined && lines.length === 0 && !there) throw new ConfigError(`${path}.closID`, `${directory} is not there: a class of service for which nothing is asked has to be made before`)
  if (closID !== undefined && there) {
    const other = difference(lines, facts.schemata)
    if (other !== undefined) throw new ConfigError(path, `${directory} is another class of service: ${other}`)
  }
  const monitoring = rdt.enableMonitoring ? monitoringGroup(directory, id) : undefined
  const made = !there
  return {
    group: { directory, own: made && closID === undefined, ...(monitoring === undefined ? {} : { monitoring }) },
    make: [
      ...(made ? [sys.mkdirat('AT_FDCWD', directory, 0o755, 'the class of service is this container\'s, or the first that has it makes it')] : []),
      ...(made || closID === undefined ? writeSchemata(directory, lines) : []),
      ...(monitoring === undefined ? [] : [sys.mkdirat('AT_FDCWD', monitoring, 0o755, 'the container was asked to be counted by itself')]),
    ],
    unmake: [...[monitoring ?? [], made ? directory : []].flat().map((each) => sys.unlinkat('AT_FDCWD', each, ['AT_REMOVEDIR'], { why: 'it was made for a container that there is not', allow: ['ENOENT'] }))],
  }
}

export const monitoringGroup = (directory: string, id: string): string => posix.join(directory, 'mon_groups', id)

/** The group has these limits. Each line is a write of its own: an error is that of its line. */
export function writeSchemata(directory: string, lines: readonly string[]): Program {
  const file = { fd: 'schemata' }
  return lines.flatMap((line) => [
    sys.openat('AT_FDCWD', posix.join(directory, 'schemata'), ['O_WRONLY', 'O_CLOEXEC'], 0, { as: file.fd, why: 'the limits of the class of service are in this file' }),
    sys.write(file, `${line}\n`, { why: 'this limit was asked for', returns: Buffer.byteLength(line) + 1 }),
    sys.close(file, 'one write is one line'),
  ])
}

/**
 * The process is in the group, and so is what is cloned from it. In front of clone3, where the host's files are in view: by itself, for nobody else's pid can
 * be mistaken for its own (0 is who writes: rdtgroup_move_task).
 */
export function joinResctrl(group: ResctrlGroup | undefined): Program {
  if (!group) return []
  const file = { fd: 'tasks' }
  return [group.directory, ...(group.monitoring === undefined ? [] : [group.monitoring])].flatMap((directory) => [
    sys.openat('AT_FDCWD', posix.join(directory, 'tasks'), ['O_WRONLY', 'O_CLOEXEC'], 0, { as: file.fd, why: 'the members of a class of service are in this file' }),
    sys.write(file, '0', { why: 'what runs in the container must be in its class of service', returns: 1 }),
    sys.close(file, 'a descriptor of the host must not reach the container'),
  ])
}
