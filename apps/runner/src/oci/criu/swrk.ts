import { closeSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { launch, readable, type LaunchedProcess, type LaunchOptions, type Stdio } from '@ctr/launch'
import { messageSockets, receiveMessage } from '@ctr/launch/terminal'
import { sys, type Program } from '@ctr/syscall'
import { OciError } from '../oci-error.ts'
import { errorsOf } from './log.ts'
import { answer, parseResponse, request, type CriuOptions, type RequestType, type Response } from './messages.ts'

export interface CriuTask {
  readonly type: RequestType
  /** The file of CRIU. */
  readonly criu: string
  readonly images: string
  /** Where it works, and writes its log. */
  readonly work: string
  /** What it is asked for, when it waits for that. */
  readonly options: (criu: LaunchedProcess) => Omit<CriuOptions, 'images_dir_fd' | 'work_dir_fd' | 'log_file' | 'log_level' | 'notify_scripts'>
  /** Calls in front of its execve, and how it is started. */
  readonly program?: Program
  readonly launch?: Pick<LaunchOptions, 'namespaces' | 'cgroup' | 'stage' | 'checkpoints'>
  /** Its 0, 1 and 2. What follows has the numbers from 4 on. Default: it says nothing. */
  readonly stdio?: readonly [Stdio, Stdio, Stdio]
  readonly more?: readonly number[]
  /** It has come to this, and waits. What this throws makes it give up. A descriptor that comes with it is the callee's. */
  readonly onNotify?: (script: string, about: { readonly pid?: number; readonly fd?: number }) => void | Promise<void>
}

/** The first number that CRIU has for descriptors of its task: 3 is the socket. */
export const firstMore = 4
/** An answer has one of its errors in it; the rest is a handful of numbers. */
const mostBytes = 65536
/** 4 is what runc asks for: all that happens. */
const logLevel = 4

/**
 * CRIU has done what it was asked for, and has ended.
 *
 * It is asked by `criu swrk`, one message a request over a socket: unlike its command line, this waits for us at each step, and hands terminals over.
 *
 * @throws OciError what it says of itself; whatever `onNotify` threw
 * @see criu.org/RPC
 */
export async function askCriu(task: CriuTask): Promise<Response> {
  const { program = [], stdio = ['ignore', 'ignore', 'ignore'], more = [] } = task
  const [images, work] = [realpathSync(task.images), realpathSync(task.work)]
  const [ours, theirs] = messageSockets()
  const open = new Set([ours, theirs])
  const close = (fd: number) => { if (open.delete(fd)) closeSync(fd) }
  // CRIU opens them by our numbers, in /proc/PID/fd of whoever made the socket, and mounts in its working directory: it has to be that of its own mount namespace.
  const directory = (path: string, { pid }: LaunchedProcess) => {
    const fd = openSync(`/proc/${pid}/root${path}`, 'r')
    open.add(fd)
    return fd
  }
  try {
    rmSync(join(work, logOf(task.type)), { force: true })
    const worker = await launch([...program, sys.execve(task.criu, ['criu', 'swrk', '3'], environment(), 'what can be told of processes, and made of it again, is its knowledge and not ours')], {
      ...task.launch, stdio: [...stdio, theirs, ...more], detached: true,
    })
    close(theirs)
    try {
      const refusal = unlessDead(() => writeSync(ours, request(task.type, { images_dir_fd: directory(images, worker), work_dir_fd: directory(work, worker), log_file: logOf(task.type), log_level: logLevel, notify_scripts: true, ...task.options(worker) })))
      if (refusal) throw criuFailure(task, { success: false, ...(refusal.code === 'ENOENT' ? { message: refusal.message } : {}) })
      return await converse(ours, task)
    } finally {
      // End of file: nothing more is asked, and what it is at it gives up.
      close(ours)
      await worker.closed
    }
  } finally {
    for (const fd of open) close(fd)
  }
}

/** Nothing at the end of file, which is a reset where our request was not read. */
function receive(socket: number): ReturnType<typeof receiveMessage> {
  try {
    return receiveMessage(socket, mostBytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return { bytes: new Uint8Array(0) }
    throw error
  }
}

/** Its notifications are answered until it says how it went. */
async function converse(socket: number, task: CriuTask): Promise<Response> {
  let failure: { readonly error: unknown } | undefined
  for (;;) {
    await readable(socket)
    const received = receive(socket)
    if (received === undefined) continue
    const { bytes, fd } = received
    const said: Response = bytes.length === 0 ? { success: false } : parseResponse(bytes)
    // Once it has gone wrong, there is nothing to be done but to end.
    if (failure && fd !== undefined) closeSync(fd)
    if (failure && (!said.notify || !said.success)) throw failure.error
    if (!said.success) throw criuFailure(task, said)
    if (!said.notify) return said
    const { script, pid } = said.notify
    try {
      if (!failure) await task.onNotify?.(script, { ...(pid === undefined ? {} : { pid }), ...(fd === undefined ? {} : { fd }) })
    } catch (error) {
      failure = { error }
    }
    tell(socket, failure === undefined)
  }
}

const tell = (socket: number, success: boolean): void => void unlessDead(() => writeSync(socket, answer(success)))

/** It may have died, by itself. @returns what shows that, if it has */
function unlessDead(act: () => void): NodeJS.ErrnoException | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (!['EPIPE', 'ECONNRESET', 'ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return error as NodeJS.ErrnoException
  }
}

const logOf = (type: RequestType): string => (type === 'RESTORE' ? 'restore.log' : 'dump.log')

/** In its own words: those of its log, where it has written one. */
function criuFailure({ type, work }: CriuTask, { errno, message }: Response): OciError {
  const log = join(work, logOf(type))
  const words = errorsOf(log)
  return new OciError(`criu failed: type ${type} errno ${errno ?? 0}: ${words.length > 0 ? words.join('; ') : (message?.trim().replace(/\s+/g, ' ') || 'it ended without a word')}; log file: ${log}`)
}

/** It looks for programs of its own: iptables-restore, tar. */
const environment = (): string[] => Object.entries(process.env).map(([name, value]) => `${name}=${value}`)
