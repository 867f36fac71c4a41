import { parseAutogroup } from './autogroup.ts'
import { parseAuxv } from './auxv.ts'
import { parseCgroup } from './cgroup.ts'
import { parseCmdline } from './cmdline.ts'
import { parseCoredumpFilter } from './coredump_filter.ts'
import type { Directory } from './directory.ts'
import { parseEnviron } from './environ.ts'
import { type OpenFile, parseFdTarget } from './fd.ts'
import { type FdInfo, parseFdInfo } from './fdinfo.ts'
import { stat } from './identity-reading.ts'
import { integers } from './integer.ts'
import { parseIo } from './io.ts'
import { parseLimits } from './limits.ts'
import { parseMaps } from './maps.ts'
import { parseMountinfo } from './mountinfo.ts'
import { parseMounts } from './mounts.ts'
import { NAMESPACE_LINKS, type NamespaceLink, type Namespaces, parseNamespaceLink } from './ns.ts'
import { parseNumaMaps } from './numa_maps.ts'
import { errorCode } from './error-code.ts'
import { type OpenRegularFile, openRegularFile } from './open-file.ts'
import { bytes, file, link, list, ofMemory, type Reading, type ReadingOf, text } from './reading.ts'
import { parseSched } from './sched.ts'
import { parseSchedstat } from './schedstat.ts'
import { hexadecimalText, lineText, numberText, setgroupsText, settableText } from './single-value.ts'
import { parseSmaps } from './smaps.ts'
import { parseSmapsRollup, type SmapsRollup } from './smaps_rollup.ts'
import { parseStatm } from './statm.ts'
import { parseStatus } from './status.ts'
import { parseSyscall } from './syscall.ts'
import { parseTimensOffsets } from './timens_offsets.ts'
import { parseIdMap } from './uid_map.ts'

const linkTo = (name: string): ReadingOf<string | undefined> => (directory) => link(directory, name)

function* namespace(directory: Directory, kind: NamespaceLink): Reading<number | undefined> {
  const target = yield* link(directory, `ns/${kind}`)
  return target === undefined ? undefined : parseNamespaceLink(target, `${directory.path}/ns/${kind}`).inode
}

function* fdinfo(directory: Directory, fd: number): Reading<FdInfo> {
  return parseFdInfo(yield* text(directory, `fdinfo/${fd}`), `${directory.path}/fdinfo/${fd}`)
}

function* fd(directory: Directory): Reading<OpenFile[]> {
  const open: OpenFile[] = []
  for (const name of yield* list(directory, 'fd')) {
    const target = yield* link(directory, `fd/${name}`)
    if (target !== undefined) open.push({ fd: Number(name), target })
  }
  return open.sort((a, b) => a.fd - b.fd)
}

/** The files that a process and each of its threads have: what becomes a method of Task and of AsyncTask. */
export const TASK_READINGS = {
  /** Any file of the directory as text: what this package has no reader for. */
  read: (directory: Directory, name: string): Reading<string> => text(directory, name),
  stat,
  statm: file('statm', parseStatm),
  status: file('status', parseStatus),
  /** The arguments; none for a kernel thread or a zombie. Waits while the process's memory map is locked. */
  cmdline: file('cmdline', parseCmdline),
  /** The command name: not trusted, it may hold newlines; the one that ends the file is not part of it. */
  comm: file('comm', lineText),
  /** The environment that it was started with; empty for a kernel thread or a zombie. */
  environ: ofMemory({}, file('environ', parseEnviron)),
  cgroup: file('cgroup', parseCgroup),
  mountinfo: file('mountinfo', parseMountinfo),
  /** The mounts in the form of fstab(5): {@link TASK_READINGS.mountinfo} says more. */
  mounts: file('mounts', parseMounts),
  limits: file('limits', parseLimits),
  io: file('io', parseIo),
  uid_map: file('uid_map', parseIdMap),
  gid_map: file('gid_map', parseIdMap),
  projid_map: file('projid_map', parseIdMap),
  /** Whether setgroups(2) is permitted in the process's user namespace. @see user_namespaces(7) */
  setgroups: file('setgroups', setgroupsText),
  schedstat: file('schedstat', parseSchedstat),
  /** The scheduler's numbers. Needs CONFIG_SCHED_DEBUG: ENOENT. */
  sched: file('sched', parseSched),
  /** The scheduler's group of the session; undefined when it has none. Needs CONFIG_SCHED_AUTOGROUP: ENOENT. */
  autogroup: file('autogroup', parseAutogroup),
  oom_score: file('oom_score', numberText),
  oom_score_adj: file('oom_score_adj', numberText),
  timerslack_ns: file('timerslack_ns', numberText),
  /** PER_ bits and flags of include/uapi/linux/personality.h. Needs ptrace access: EPERM. */
  personality: file('personality', hexadecimalText),
  coredump_filter: file('coredump_filter', parseCoredumpFilter),
  /** The system call that it is in. Needs ptrace access: EPERM. */
  syscall: file('syscall', parseSyscall),
  /** Path of the cpuset in its v1 hierarchy or, on v2, of the cgroup. */
  cpuset: file('cpuset', lineText),
  /** The kernel function that the task sleeps in; `0` when it runs, or the reader may not know. */
  wchan: file('wchan', lineText),
  /** The login user that audit knows; undefined when none was set. */
  loginuid: file('loginuid', settableText),
  /** The login session that audit knows; undefined when none was set. */
  sessionid: file('sessionid', settableText),
  timens_offsets: file('timens_offsets', parseTimensOffsets),
  /** The memory mappings; none for a kernel thread or a zombie. */
  maps: ofMemory([], file('maps', parseMaps)),
  /** The memory mappings and what is behind them; none for a kernel thread or a zombie. */
  smaps: ofMemory([], file('smaps', parseSmaps)),
  /** Memory totals, shares of shared pages included; undefined for a kernel thread or a zombie. */
  smaps_rollup: ofMemory<SmapsRollup | undefined>(undefined, file('smaps_rollup', parseSmapsRollup)),
  /** The nodes that memory is on; none for a kernel thread or a zombie. Needs CONFIG_NUMA: ENOENT. */
  numa_maps: ofMemory([], file('numa_maps', parseNumaMaps)),
  /** What the kernel told the program when it started it; none for a kernel thread or a zombie. */
  auxv: ofMemory([], function* (directory) {
    return parseAuxv(yield* bytes(directory, 'auxv'), `${directory.path}/auxv`, { endianness: directory.view.endianness })
  }),
  /** The program; undefined for a kernel thread or a zombie. ` (deleted)` at its end when the file is gone. */
  exe: linkTo('exe'),
  /** The working directory; undefined for a zombie. */
  cwd: linkTo('cwd'),
  /** The root directory, as the reader sees it; undefined for a zombie. */
  root: linkTo('root'),
  /** The inode number of one namespace: nine links fewer to read than {@link TASK_READINGS.ns}. */
  namespace,
  /** Namespace inode numbers by link name. @see namespaces(7) */
  ns: function* (directory: Directory): Reading<Namespaces> {
    const namespaces: { [Link in NamespaceLink]?: number } = {}
    for (const kind of NAMESPACE_LINKS) {
      const inode = yield* namespace(directory, kind)
      if (inode !== undefined) namespaces[kind] = inode
    }
    return namespaces
  },
  /** Open descriptors, lowest first; one that is closed meanwhile is left out. */
  fd,
  /** The open file description behind a descriptor. ENOENT when the descriptor is not open. */
  fdinfo,
  /** Open descriptors that have a path, with offset and flags; one that is closed meanwhile is left out. */
  openFiles: function* (directory: Directory): Reading<OpenRegularFile[]> {
    const files: OpenRegularFile[] = []
    for (const open of yield* fd(directory)) {
      const target = parseFdTarget(open.target)
      if (target.kind !== 'path') continue
      try {
        files.push(openRegularFile(open.fd, target, yield* fdinfo(directory, open.fd)))
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error
      }
    }
    return files
  },
  /**
   * PIDs of the children that this thread has forked or adopted.
   *
   * When a child exits during the read, the kernel may leave out another one. Needs CONFIG_PROC_CHILDREN: ENOENT.
   */
  children: file('children', (content, name) => integers(content, { file: name, line: 1, text: content })),
} as const
