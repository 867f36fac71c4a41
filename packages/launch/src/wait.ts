import { native } from './native.ts'

/** A wait for a descriptor that can be given up. */
export interface Wait {
  /** Resolves when the descriptor is readable; never, once cancelled. */
  readonly readable: Promise<void>
  /** Before the descriptor is closed. */
  cancel(): void
  /** Whether the event loop goes on for it. */
  ref(on: boolean): void
}

/**
 * Waits until a descriptor is readable: a pidfd when its process has ended, a socket when there is a message or end of file.
 *
 * It is libuv's own poll, so at most one wait a descriptor.
 */
export function wait(fd: number): Wait {
  let open = true
  let handle: ReturnType<ReturnType<typeof native>['poll']>
  const cancel = () => {
    if (open) handle.close()
    open = false
  }
  const readable = new Promise<void>((resolve) => {
    handle = native().poll(fd, () => {
      cancel()
      // Node 26 does not run what waits for a promise behind koffi's callback: it would wait for the next event, whatever that is.
      setImmediate(resolve)
    })
  })
  return { readable, cancel, ref: (on) => (open ? on ? handle.ref() : handle.unref() : undefined) }
}
