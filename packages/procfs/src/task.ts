import type { Directory } from './directory.ts'
import { NET_READINGS } from './net-readings.ts'
import { readSync } from './read-sync.ts'
import { becomeMethods, type SyncReaders } from './readers.ts'
import type { BeginRecords } from './records.ts'
import { streamSync } from './stream.ts'
import { NET_TABLES, type RecordOf, TASK_TABLES } from './tables.ts'
import { TASK_READINGS } from './task-readings.ts'

/**
 * The network namespace that a task sees, by the files under its net/. Every call reads anew.
 *
 * @throws every method: as those of {@link Task}
 */
export class Net {
  readonly directory: Directory

  constructor(directory: Directory) {
    this.directory = directory
  }

  /** One record after another of a table that may be long, in memory that does not grow with it. */
  each<Name extends keyof typeof NET_TABLES>(name: Name): Generator<RecordOf<(typeof NET_TABLES)[Name]>, void> {
    return streamSync(this.directory, name, NET_TABLES[name] as BeginRecords<RecordOf<(typeof NET_TABLES)[Name]>>)
  }
}

export interface Net extends SyncReaders<typeof NET_READINGS> {}
becomeMethods(Net.prototype, NET_READINGS, readSync)

/**
 * The files that a process and each of its threads have. Every call reads anew.
 *
 * @throws every method: ProcessVanishedError when the task is gone, ProcParseError when a file is malformed, Node's own
 * error (EACCES, EPERM, ENOENT on a kernel without the file) otherwise
 */
export class Task {
  readonly directory: Directory
  /** Thread ID; of a process, its PID. */
  readonly tid: number

  constructor(directory: Directory, tid: number) {
    this.directory = directory
    this.tid = tid
  }

  /** Its network namespace. */
  get net(): Net {
    return new Net(this.directory.child('net'))
  }

  /**
   * One record after another of a table that may be long, in memory that does not grow with it; none for a task without memory.
   *
   * @example
   * for (const mount of proc.self.each('mountinfo')) if (mount.fsType === 'overlay') console.log(mount.mountPoint)
   */
  each<Name extends keyof typeof TASK_TABLES>(name: Name): Generator<RecordOf<(typeof TASK_TABLES)[Name]>, void> {
    return streamSync(this.directory, name, TASK_TABLES[name] as BeginRecords<RecordOf<(typeof TASK_TABLES)[Name]>>)
  }
}

export interface Task extends SyncReaders<typeof TASK_READINGS> {}
becomeMethods(Task.prototype, TASK_READINGS, readSync)
