import { promises } from 'node:fs'
import { AsyncNet, AsyncProcess } from './async-process.ts'
import type { Directory } from './directory.ts'
import { pids, TABLE_READINGS } from './process-readings.ts'
import { selfLink } from './self-link.ts'
import { ProcessVanishedError } from './process-vanished-error.ts'
import { readAsync } from './read-async.ts'
import { type AsyncReaders, becomeMethods } from './readers.ts'
import type { BeginRecords } from './records.ts'
import type { Stat } from './stat.ts'
import { streamAsync } from './stream.ts'
import { sysctlPath } from './sysctl.ts'
import { SYSTEM_READINGS } from './system-readings.ts'
import { type RecordOf, SYSTEM_TABLES } from './tables.ts'

// libuv's pool has four threads; twice as many keep them busy.
const AT_ONCE = 8

/** A procfs whose readers return promises. Made by {@link Procfs.promises}. */
export class AsyncProcfs {
  readonly directory: Directory

  constructor(directory: Directory) {
    this.directory = directory
  }

  /** The process with that PID in the PID namespace of this procfs; whether there is one shows at the first read. */
  pid(pid: number): AsyncProcess {
    return new AsyncProcess(this.directory.process(pid), pid)
  }

  /** The process that asks. There is no `threadSelf`: the thread that reads is one of the pool. */
  async self(): Promise<AsyncProcess> {
    return this.pid((await readAsync(selfLink(this.directory, 'self')))[0])
  }

  /** The network namespace of the process that asks. */
  get net(): AsyncNet {
    return new AsyncNet(this.directory.child('net'))
  }

  /** As the synchronous `processes`: every process's stat, or what `read` resolves to, by PID; eight are read at once. */
  processes(): Promise<Stat[]>
  processes<T>(read: (process: AsyncProcess) => Promise<T>): Promise<T[]>
  async processes(read: (process: AsyncProcess) => Promise<unknown> = (process) => process.stat()): Promise<unknown[]> {
    const numbers = await readAsync(pids(this.directory))
    const results: unknown[] = []
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < numbers.length) {
        const at = next++
        try {
          results[at] = [await read(this.pid(numbers[at]!))]
        } catch (error) {
          if (!(error instanceof ProcessVanishedError)) throw error
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    return results.flat(1)
  }

  /** One record after another of a table that may be long, in memory that does not grow with it. */
  each<Name extends keyof typeof SYSTEM_TABLES>(name: Name): AsyncGenerator<RecordOf<(typeof SYSTEM_TABLES)[Name]>, void> {
    return streamAsync(this.directory, name, SYSTEM_TABLES[name] as BeginRecords<RecordOf<(typeof SYSTEM_TABLES)[Name]>>)
  }

  /** Sets a kernel parameter, in one write(2); ENOENT when there is none of that name: nothing is created. */
  async setSysctl(name: string, value: string | number | bigint): Promise<void> {
    await promises.writeFile(`${this.directory.path}/${sysctlPath(name, 'set')}`, `${value}\n`, { flag: 'r+' })
  }
}

export interface AsyncProcfs extends AsyncReaders<typeof SYSTEM_READINGS>, AsyncReaders<typeof TABLE_READINGS> {}
becomeMethods(AsyncProcfs.prototype, SYSTEM_READINGS, readAsync)
becomeMethods(AsyncProcfs.prototype, TABLE_READINGS, readAsync)
