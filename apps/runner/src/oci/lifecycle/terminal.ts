import { closeSync } from 'node:fs'
import type { LaunchedProcess } from '@ctr/launch'
import { receiveMaster, takeMaster } from '../../terminal.ts'
import type { OciProcess } from '../config/process-shape.ts'
import { OciError } from '../oci-error.ts'
import { sendDescriptor } from './send-descriptor.ts'

/** Who gets our side of a process's terminal: one of the two, where the process has one. */
export interface TerminalTaker {
  /** Where the engine waits for it. */
  readonly consoleSocket?: string | undefined
  /** Where nobody waits at a socket for it; and whether it was asked to have a size. */
  readonly onTerminal?: (master: number, sized: boolean) => void
}

/** @throws OciError the process has a terminal, and there is nobody to take our side of it */
export function checkTerminal({ terminal }: OciProcess, { consoleSocket, onTerminal }: TerminalTaker): void {
  if (terminal && !consoleSocket && !onTerminal) throw new OciError('process.terminal: cannot allocate tty if the runtime will detach without setting console socket')
}

/** @throws OciError somebody waits for a terminal that there will not be: of a container's first process */
export function checkConsoleSocket({ terminal }: OciProcess, { consoleSocket }: TerminalTaker): void {
  if (!terminal && consoleSocket) throw new OciError('cannot use console socket if the runtime will not detach or allocate tty')
}

/** Our side of the terminal that a process has opened, in the size that was asked for, is with who takes it. @param waiting at the checkpoint of its terminal @param from the socket to which it has sent it */
export function handTerminalOver(waiting: LaunchedProcess, { consoleSize }: OciProcess, { consoleSocket, onTerminal }: TerminalTaker, from?: number): void {
  const { width = 80, height = 24 } = consoleSize ?? {}
  const size = { columns: width || 80, rows: height || 24 }
  const master = from === undefined ? takeMaster(waiting, size) : receiveMaster(from, size)
  if (master === undefined) return
  if (!consoleSocket) return onTerminal!(master, consoleSize !== undefined)
  sendDescriptor(consoleSocket, master, '/dev/ptmx')
  closeSync(master)
}
