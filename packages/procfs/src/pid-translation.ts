import { errorCode } from './error-code.ts'
import { type PidNamespaceParents, PidNamespaces, type PidTableRow } from './pid-namespaces.ts'
import type { Process } from './process.ts'
import type { Procfs } from './procfs.ts'

/** What the kernel knows and procfs does not show. */
export interface PidTranslationOptions {
  /** Parents of PID namespaces, from ioctl_ns(2) NS_GET_PARENT: only needed after AmbiguousPidNamespaceError. */
  readonly parents?: PidNamespaceParents
}

/** A PID as seen in a PID namespace. */
export interface NamespacedPid {
  /** The namespace's inode or the host PID of any member. */
  readonly namespace: number
  readonly pid: number
}

// PID_MAX_LIMIT of include/linux/threads.h; namespace inodes begin at 0xeffffff8 (include/linux/proc_ns.h).
const HIGHEST_PID = 4_194_304

function row(process: Process): PidTableRow {
  // Through one held directory: the PIDs and the namespace are those of one process even if it ends in between.
  const held = process.open()
  try {
    const { pid, ppid, nspid = [pid] } = held.status()
    try {
      const namespace = held.namespace('pid')
      return namespace === undefined ? { pid, ppid, nspid } : { pid, ppid, nspid, namespace }
    } catch (error) {
      if (errorCode(error) !== 'EACCES') throw error
      return { pid, ppid, nspid }
    }
  } finally {
    held.close()
  }
}

/**
 * The PID namespaces below a procfs, read now: for several translations of one moment.
 *
 * @param proc a procfs; "host PID" is a PID in the namespace that it was mounted in
 * @throws {ProcParseError} when a status file is malformed
 * @see pid_namespaces(7), proc(5) NSpid
 * @example
 * const namespaces = pidNamespaces(proc)
 * namespaces.hostPid(proc.self.namespace('pid')!, process.pid) === process.pid // true
 */
export function pidNamespaces(proc: Procfs, options: PidTranslationOptions = {}): PidNamespaces {
  return new PidNamespaces(proc.processes(row), options.parents)
}

/**
 * The host PID of a process that is known by its PID in a container; undefined when there is none.
 *
 * The answer is of the moment of reading: take `proc.pid(answer).identity()` or hold it, and look again.
 *
 * @param of `namespace`, the inode of a PID namespace or the host PID of any process in it, and `pid`
 * @throws {AmbiguousPidNamespaceError} when procfs does not show enough of namespaces nested three deep
 * @see pid_namespaces(7)
 * @example
 * hostPid(proc, { namespace: process.pid, pid: process.pid }) === process.pid // true
 */
export function hostPid(proc: Procfs, of: NamespacedPid, options: PidTranslationOptions = {}): number | undefined {
  const inode = of.namespace > HIGHEST_PID ? of.namespace : proc.pid(of.namespace).namespace('pid')
  return inode === undefined ? undefined : pidNamespaces(proc, options).hostPid(inode, of.pid)
}

/**
 * The PID that a process has in a PID namespace; undefined when it is neither in it nor in one below.
 *
 * @param hostPid the process, by its PID in the namespace of `proc`
 * @param namespace the inode of a PID namespace
 * @throws {AmbiguousPidNamespaceError} when procfs does not show enough of namespaces nested three deep
 * @see pid_namespaces(7)
 * @example
 * pidIn(proc, process.pid, proc.self.namespace('pid')!) === process.pid // true
 */
export function pidIn(proc: Procfs, hostPid: number, namespace: number, options: PidTranslationOptions = {}): number | undefined {
  return pidNamespaces(proc, options).pidIn(hostPid, namespace)
}
