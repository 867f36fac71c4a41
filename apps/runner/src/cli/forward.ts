import type { RunningContainer } from '../running-container.ts'
import { say } from './output.ts'
import { forwarded, onSignals, receiverOf } from './signals.ts'
import type { HostTerminal } from './terminal/host-terminal.ts'

export interface ForwardOptions {
  readonly stopTimeoutSeconds: number
  readonly terminal: HostTerminal | undefined
  /** What is typed goes to the container as it is: ^C too. */
  readonly raw: boolean
}

/**
 * Our signals are PID 1's. Where it has no handler for one, and the kernel therefore keeps it away, we say so at once: a second ^C
 * kills, and what was to end us (SIGTERM, SIGHUP) kills after the stop timeout.
 */
export function forwardTo(container: Pick<RunningContainer, 'pid' | 'kill' | 'resize'>, { stopTimeoutSeconds, terminal, raw }: ForwardOptions): () => void {
  let refused = false
  let timer: NodeJS.Timeout | undefined
  const handle = (name: NodeJS.Signals) => {
    if (name === 'SIGWINCH' && terminal) return container.resize(terminal.size())
    if (name === 'SIGINT' && refused) return void container.kill('SIGKILL')
    const receiver = receiverOf(container.pid)
    container.kill(name as Parameters<RunningContainer['kill']>[0])
    if (receiver === undefined || !['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'].includes(name) || receiver.handles(name)) return
    refused = true
    // Nobody is left at the terminal after a hang-up: nothing to say, and nothing to wait for.
    if (name === 'SIGHUP') return void container.kill('SIGKILL')
    if (name === 'SIGTERM') timer ??= setTimeout(() => container.kill('SIGKILL'), stopTimeoutSeconds * 1000)
    const next = name === 'SIGTERM' ? `killing in ${stopTimeoutSeconds} s` : 'press ^C again to kill'
    say(`${raw ? '\r' : ''}! ${receiver.name} (PID 1) has no handler for ${name} and ignores it; --init helps · ${next}${raw ? '\r' : ''}\n`)
  }
  const off = onSignals(forwarded, handle)
  return () => {
    clearTimeout(timer)
    off()
  }
}
