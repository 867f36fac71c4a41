/** What is done about a signal; `handled` says whether the program has a listener of its own. */
export type Act = (signal: NodeJS.Signals, handled: boolean) => void

const held = new Map<string, Act>()
/** Has Node install its handler, and is never called. */
const keeper = (): void => {}
let original: typeof process.emit | undefined

/**
 * Node's handler for a signal is installed, and stays so while the program adds and removes listeners: no signal finds it missing.
 *
 * The program cannot tell: `listenerCount` and `listeners` show its own listeners only, for programs decide by them whether they
 * are the only ones who care. So this is no listener; it looks at what `process.emit` returns.
 *
 * @returns undoes it
 */
export function hold(signal: NodeJS.Signals, act: Act): () => void {
  if (original === undefined) {
    original = process.emit
    Object.assign(process, { emit })
  }
  // A handler that is there already calls the `emit` of its time: it has to be installed anew.
  const others = process.rawListeners(signal) as NodeJS.SignalsListener[]
  process.removeAllListeners(signal)
  process.on(signal, keeper)
  held.set(signal, act)
  process.removeListener(signal, keeper)
  for (const other of others) process.on(signal, other)
  return () => {
    held.delete(signal)
    // Now that it is not held any more, Node removes its handler with the last listener.
    process.on(signal, keeper)
    process.removeListener(signal, keeper)
  }
}

function emit(this: NodeJS.Process, event: string | symbol, ...args: unknown[]): boolean {
  const pass = (): boolean => Reflect.apply(original!, this, [event, ...args])
  if (typeof event !== 'string') return pass()
  if ((event === 'removeListener' || event === 'newListener') && typeof args[0] === 'string' && held.has(args[0])) return listeners(this, event, args[0] as NodeJS.Signals, args[1], pass)
  const handled = pass()
  held.get(event)?.(event as NodeJS.Signals, handled)
  return handled
}

/** Node removes its handler when it hears that the last listener was removed: so it is not the last while Node hears of it. */
function listeners(emitter: NodeJS.Process, event: 'newListener' | 'removeListener', signal: NodeJS.Signals, listener: unknown, pass: () => boolean): boolean {
  if (listener === keeper) return false
  if (event === 'newListener' || emitter.listenerCount(signal) > 0) return pass()
  emitter.on(signal, keeper)
  try {
    return pass()
  } finally {
    emitter.removeListener(signal, keeper)
  }
}
