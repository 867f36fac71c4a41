import type { Directory } from './directory.ts'
import { NET_READINGS } from './net-readings.ts'
import { PROCESS_READINGS, threadIds } from './process-readings.ts'
import { readAsync } from './read-async.ts'
import { type AsyncReaders, becomeMethods } from './readers.ts'
import type { BeginRecords } from './records.ts'
import { streamAsync } from './stream.ts'
import { NET_TABLES, type RecordOf, TASK_TABLES } from './tables.ts'
import { TASK_READINGS } from './task-readings.ts'

/** The network namespace that a task sees, read through the thread pool. */
export class AsyncNet {
  readonly directory: Directory

  constructor(directory: Directory) {
    this.directory = directory
  }

  /** One record after another of a table that may be long, in memory that does not grow with it. */
  each<Name extends keyof typeof NET_TABLES>(name: Name): AsyncGenerator<RecordOf<(typeof NET_TABLES)[Name]>, void> {
    return streamAsync(this.directory, name, NET_TABLES[name] as BeginRecords<RecordOf<(typeof NET_TABLES)[Name]>>)
  }
}

export interface AsyncNet extends AsyncReaders<typeof NET_READINGS> {}
becomeMethods(AsyncNet.prototype, NET_READINGS, readAsync)

/** The files of a process or a thread, read through the thread pool. Every call reads anew, and rejects as those of Task throw. */
export class AsyncTask {
  readonly directory: Directory
  /** Thread ID; of a process, its PID. */
  readonly tid: number

  constructor(directory: Directory, tid: number) {
    this.directory = directory
    this.tid = tid
  }

  /** Its network namespace. */
  get net(): AsyncNet {
    return new AsyncNet(this.directory.child('net'))
  }

  /**
   * One record after another of a table that may be long, in memory that does not grow with it; none for a task without memory.
   *
   * @example
   * const count: Record<string, number> = {}
   * for await (const { state } of proc.promises.pid(process.pid).net.each('tcp')) count[state] = (count[state] ?? 0) + 1
   */
  each<Name extends keyof typeof TASK_TABLES>(name: Name): AsyncGenerator<RecordOf<(typeof TASK_TABLES)[Name]>, void> {
    return streamAsync(this.directory, name, TASK_TABLES[name] as BeginRecords<RecordOf<(typeof TASK_TABLES)[Name]>>)
  }
}

export interface AsyncTask extends AsyncReaders<typeof TASK_READINGS> {}
becomeMethods(AsyncTask.prototype, TASK_READINGS, readAsync)

/** One process of a procfs, read through the thread pool. */
export class AsyncProcess extends AsyncTask {
  readonly pid: number

  constructor(directory: Directory, pid: number) {
    super(directory, pid)
    this.pid = pid
  }

  /** The threads, by TID. */
  async task(): Promise<AsyncTask[]> {
    return (await readAsync(threadIds(this.directory))).map((tid) => this.thread(tid))
  }

  /** One thread. */
  thread(tid: number): AsyncTask {
    return new AsyncTask(this.directory.thread(tid), tid)
  }
}

export interface AsyncProcess extends AsyncReaders<typeof PROCESS_READINGS> {}
becomeMethods(AsyncProcess.prototype, PROCESS_READINGS, readAsync)
