import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { cloneFlags } from './kind.ts'
import type { Answer, Entering, Request } from './entered-thread.ts'

/** The kinds that a single thread of Node can be moved to, and everything in it works. */
export const threadKinds = ['net', 'uts', 'ipc', 'cgroup'] as const
export type ThreadKind = (typeof threadKinds)[number]

/** Where to: a /proc/PID/ns link or a file a namespace is pinned on, or an open descriptor of one. */
export type ThreadNamespaces = { readonly [K in ThreadKind]?: string | number }

/**
 * A Worker thread in other namespaces, which calls functions of modules there until it is closed.
 *
 * Nothing of Node but this thread has moved: what the functions open (servers, sockets, child processes) is in the namespaces, and stays
 * there. The thread is never used for anything else: it ends with the Worker.
 */
export class EnteredWorker implements AsyncDisposable {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>()
  readonly #exited: Promise<void>
  #count = 0
  #failure: unknown

  /** @internal */
  constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (answer: Answer) => {
      const call = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if ('error' in answer) call?.reject(thrown(answer))
      else call?.resolve(answer.value)
    })
    worker.on('error', (error) => void (this.#failure = error))
    this.#exited = new Promise((resolve) => worker.once('exit', (code) => {
      this.#failure ??= new Error(`The Worker in other namespaces has exited with ${code}`)
      for (const { reject } of this.#waiting.values()) reject(this.#failure)
      this.#waiting.clear()
      resolve()
    }))
  }

  /**
   * What an exported function of a module returns, or what its promise resolves to. The module is loaded once in a Worker.
   *
   * @param module its URL: `new URL('./server.js', import.meta.url)`
   * @param name the export, `'default'` included
   * @param args what the structured clone algorithm can copy
   * @throws whatever the function throws; an error keeps its name, message, stack, and other properties
   * @throws TypeError the module has no function of that name
   * @throws DataCloneError an argument or the result cannot be sent between threads
   * @example
   * ```ts no-run
   * const port = await worker.call<typeof import('./server.js').listen>(new URL('./server.js', import.meta.url), 'listen', 8080)
   * ```
   */
  async call<F extends (...args: never[]) => unknown = (...args: unknown[]) => unknown>(module: URL | string, name: string, ...args: Parameters<F>): Promise<Awaited<ReturnType<F>>> {
    if (this.#failure !== undefined) throw this.#failure
    const request: Request = { id: this.#count++, module: String(module), name, args }
    const answer = new Promise((resolve, reject) => this.#waiting.set(request.id, { resolve, reject }))
    try {
      this.#worker.postMessage(request)
    } catch (error) {
      this.#waiting.delete(request.id)
      throw error
    }
    return answer as Promise<Awaited<ReturnType<F>>>
  }

  /** Lets Node end although the Worker runs. */
  unref(): this {
    this.#worker.unref()
    return this
  }

  /** Ends the Worker, with everything that it has open; calls that wait are rejected. Resolves when the thread is gone. */
  async close(): Promise<void> {
    this.#failure ??= new Error('The Worker in other namespaces was closed')
    await this.#worker.terminate()
    await this.#exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function thrown({ error, properties }: Extract<Answer, { error: unknown }>): unknown {
  return typeof error === 'object' && error !== null && properties ? Object.assign(error, properties) : error
}

/**
 * A Worker whose thread is in the given namespaces before any code of yours runs in it.
 *
 * Names: `dns.lookup`, and so `connect('example.org')`, asks libuv's pool threads, which stay in the namespaces of the process; use addresses,
 * or `dns.resolve`. Other kinds are left out on purpose: a thread cannot be moved to a user or time namespace; in another mount namespace,
 * `fs` would see it, but `fs.promises` would not; and with another PID namespace for its children, a thread can start no threads.
 *
 * @throws TypeError a kind that a single thread cannot be moved to, or none
 * @throws SyscallError EPERM: it needs CAP_SYS_ADMIN in the namespace's owner; EINVAL: the namespace is of another kind
 * @throws ENOENT, EACCES (Node's system error) there is no such path
 * @see setns(2)
 */
export async function enterWorker(namespaces: ThreadNamespaces): Promise<EnteredWorker> {
  const wanted = Object.keys(namespaces)
  if (wanted.length === 0) throw new TypeError('Cannot enter no namespace: name one of net, uts, ipc, cgroup')
  for (const kind of wanted) if (!(threadKinds as readonly string[]).includes(kind)) throw new TypeError(`Cannot move a single thread of Node to another ${kind} namespace: that works for net, uts, ipc and cgroup`)
  // A thread inherits the namespaces of the one that starts it: libuv's pool, which all of Node uses, must not start in there.
  await stat('/')
  const opened: number[] = []
  try {
    const fds = threadKinds.flatMap((kind) => {
      const at = namespaces[kind]
      if (at === undefined) return []
      if (typeof at === 'number') return [{ flag: cloneFlags([kind])[0]!, fd: at }]
      opened.push(openSync(at, 'r'))
      return [{ flag: cloneFlags([kind])[0]!, fd: opened.at(-1)! }]
    })
    const entering: Entering = { namespaces: fds }
    const worker = new Worker(new URL('./entered-thread.js', import.meta.url), { workerData: entering })
    const [ready] = (await once(worker, 'message')) as [Answer]
    if ('error' in ready) {
      await worker.terminate()
      throw thrown(ready)
    }
    return new EnteredWorker(worker)
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

/**
 * What an exported function of a module returns that was called in other namespaces, in a Worker of its own. The Worker ends with the call:
 * for a server, which goes on after it, use `enterWorker`.
 *
 * @param namespaces, module, name, args as of `enterWorker` and `EnteredWorker.call`
 * @example
 * import { networkInterfaces } from 'node:os'
 * const there = await callInNamespaces<typeof networkInterfaces>({ net: '/proc/self/ns/net' }, 'node:os', 'networkInterfaces')
 */
export async function callInNamespaces<F extends (...args: never[]) => unknown = (...args: unknown[]) => unknown>(namespaces: ThreadNamespaces, module: URL | string, name: string, ...args: Parameters<F>): Promise<Awaited<ReturnType<F>>> {
  const worker = await enterWorker(namespaces)
  try {
    return await worker.call<F>(module, name, ...args)
  } finally {
    await worker.close()
  }
}
