import { writeFileSync } from 'node:fs'
import { endianness } from 'node:os'
import { AsyncProcfs } from './async-procfs.ts'
import { machineCpuUsage } from './cpu-percent.ts'
import type { CpuUsage } from './cpu-usage.ts'
import { Directory, type Endianness, type ProcEncoding } from './directory.ts'
import { Process } from './process.ts'
import { TABLE_READINGS } from './process-readings.ts'
import { selfLink } from './self-link.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { readSync } from './read-sync.ts'
import { becomeMethods, type SyncReaders } from './readers.ts'
import type { BeginRecords } from './records.ts'
import type { Stat } from './stat.ts'
import { streamSync } from './stream.ts'
import { sysctlPath } from './sysctl.ts'
import { SYSTEM_READINGS } from './system-readings.ts'
import { type RecordOf, SYSTEM_TABLES } from './tables.ts'
import { Net, type Task } from './task.ts'

/** Where to read, and how bytes become values. */
export interface ProcfsOptions {
  /** A mounted procfs, or a directory that looks like one. Default `/proc`. */
  readonly root?: string
  /** Default `utf8`. */
  readonly encoding?: ProcEncoding
  /** Of the machine that the procfs is of: default that of this one. Network tables and auxv depend on it. */
  readonly endianness?: Endianness
}

/** A procfs to read from. Making one reads nothing. */
export class Procfs {
  readonly root: string
  readonly encoding: ProcEncoding
  readonly directory: Directory

  constructor(options: ProcfsOptions = {}) {
    this.root = (options.root ?? '/proc').replace(/(?<=.)\/+$/, '')
    this.encoding = options.encoding ?? 'utf8'
    this.directory = Directory.ofRoot({ encoding: this.encoding, endianness: options.endianness ?? endianness() }, this.root)
  }

  /** The same readers, with promises: while a file takes its time, the event loop goes on. */
  get promises(): AsyncProcfs {
    return new AsyncProcfs(this.directory)
  }

  /** The process with that PID in the PID namespace of this procfs; whether there is one shows at the first read. */
  pid(pid: number): Process {
    return new Process(this.directory.process(pid), pid)
  }

  /** The process that asks. ENOENT when it has no PID in the PID namespace of this procfs. */
  get self(): Process {
    return this.pid(readSync(selfLink(this.directory, 'self'))[0])
  }

  /** The thread that asks: on a Worker, another one than the main thread's. */
  get threadSelf(): Task {
    const [pid, tid] = readSync(selfLink(this.directory, 'thread-self'))
    return this.pid(pid).thread(tid)
  }

  /** The network namespace of the process that asks; of another process: `proc.pid(n).net`. */
  get net(): Net {
    return new Net(this.directory.child('net'))
  }

  /**
   * Every process's stat or, with `read`, whatever that returns for each. Processes that vanish meanwhile are left out;
   * other errors (a file that only root may read) are the caller's.
   *
   * @example
   * proc.processes((process) => ({ pid: process.pid, command: process.cmdline() }))
   */
  processes(): Stat[]
  processes<T>(read: (process: Process) => T): T[]
  processes(read: (process: Process) => unknown = (process) => process.stat()): unknown[] {
    const results: unknown[] = []
    for (const pid of this.pids()) {
      try {
        results.push(read(this.pid(pid)))
      } catch (error) {
        if (!(error instanceof ProcessVanishedError)) throw error
      }
    }
    return results
  }

  /** One record after another of a table that may be long, in memory that does not grow with it. */
  each<Name extends keyof typeof SYSTEM_TABLES>(name: Name): Generator<RecordOf<(typeof SYSTEM_TABLES)[Name]>, void> {
    return streamSync(this.directory, name, SYSTEM_TABLES[name] as BeginRecords<RecordOf<(typeof SYSTEM_TABLES)[Name]>>)
  }

  /**
   * Sets a kernel parameter, in one write(2). The kernel refuses what it cannot take: EINVAL, EACCES, EROFS; ENOENT when there is
   * none of that name: nothing is created.
   *
   * @param name as for {@link Procfs.sysctl}
   * @see proc_sys(5)
   * @example
   * proc.setSysctl('kernel.hostname', 'box')
   */
  setSysctl(name: string, value: string | number | bigint): void {
    writeFileSync(`${this.root}/${sysctlPath(name, 'set')}`, `${value}\n`, { flag: 'r+' })
  }

  /** What the processors do over an interval that begins now. */
  cpuUsage(intervalMillis = 100): Promise<CpuUsage> {
    return machineCpuUsage(this.directory, intervalMillis)
  }
}

export interface Procfs extends SyncReaders<typeof SYSTEM_READINGS>, SyncReaders<typeof TABLE_READINGS> {}
becomeMethods(Procfs.prototype, SYSTEM_READINGS, readSync)
becomeMethods(Procfs.prototype, TABLE_READINGS, readSync)

/**
 * A procfs as typed data.
 *
 * Its methods are synchronous, because procfs answers from memory, and a read through the thread pool takes longer than it
 * saves. `promises` has them all as asynchronous ones, for files that can take their time: those of a process's memory, and long tables.
 *
 * @param options `root`, a mounted procfs (default `/proc`); `encoding`; `endianness`
 * @see proc(5)
 * @example
 * const proc = procfs()
 * console.log(proc.self.stat().comm, proc.pids().length)
 */
export function procfs(options: ProcfsOptions = {}): Procfs {
  return new Procfs(options)
}
