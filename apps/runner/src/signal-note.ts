import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { files } from './state-files.ts'
import { directoryOf, isFull } from './store.ts'

export interface SignalNote {
  readonly kind: 'stop' | 'kill'
  readonly signal: string
  readonly byPid: number
}

/** Who sent the signal that is about to end a container, so that its owner can say so. Without room for it, the signal matters more. */
export function noteSignal(name: string, note: SignalNote): void {
  try {
    writeFileSync(join(directoryOf(name), files.signal), JSON.stringify(note))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && !isFull(error)) throw error
  }
}

/** Undefined where there is none, or where it is being written just now. */
export function readSignalNote(name: string): SignalNote | undefined {
  try {
    return JSON.parse(readFileSync(join(directoryOf(name), files.signal), 'utf8')) as SignalNote
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
