// The thread of an entered Worker: it moves, says so, and then calls what it is asked to.
import { parentPort, workerData } from 'node:worker_threads'
import { sys, type Constant } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'

/** What the thread is started with. */
export interface Entering {
  readonly namespaces: readonly { readonly flag: Constant<'setns'>; readonly fd: number }[]
}

export interface Request {
  readonly id: number
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
}

/** Of the call of that number; -1 is the way in. `properties` are those of an error that the structured clone algorithm drops. */
export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: unknown; readonly properties?: Readonly<Record<string, unknown>> })

function answer(to: Answer): void {
  try {
    parentPort!.postMessage(to)
  } catch (error) {
    // The result cannot be sent, or what the error carries.
    fail(to.id, 'error' in to ? new Error(String(to.error)) : error)
  }
}

function fail(id: number, error: unknown): void {
  if (!(error instanceof Error)) return answer({ id, error })
  const { name, message, stack } = error
  const properties = { ...Object.fromEntries(Object.entries(error).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))), name, message, stack }
  answer({ id, error: new Error(message), properties })
}

async function call({ id, module, name, args }: Request): Promise<void> {
  try {
    const exported: unknown = ((await import(module)) as Record<string, unknown>)[name]
    if (typeof exported !== 'function') throw new TypeError(`Cannot call ${name} of ${module}: it exports no function of that name`)
    answer({ id, value: await (exported as (...given: unknown[]) => unknown)(...args) })
  } catch (error) {
    fail(id, error)
  }
}

const entry = -1
try {
  const { namespaces } = workerData as Entering
  perform(namespaces.map(({ flag, fd }) => sys.setns(fd, [flag], 'only this thread may move: it ends with the Worker')))
  parentPort!.on('message', (request: Request) => void call(request))
  answer({ id: entry, value: undefined })
} catch (error) {
  fail(entry, error)
}
