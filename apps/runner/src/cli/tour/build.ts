import type { Syscall } from '@ctr/syscall'
import type { LaunchedProcess } from '@ctr/launch'
import { start } from '../../start.ts'
import type { ContainerConfig } from '../../config.ts'
import type { RunningContainer } from '../../running-container.ts'
import { cut } from '../errors/print-report.ts'
import { shortCall } from '../errors/short-call.ts'
import type { Narrator } from './narrator.ts'
import { capabilitiesOf, interfacesOf, mountsOf, ownNamespaces, pidsOf } from './observe.ts'

/** A call worth stopping at, and what the kernel shows of the half-built container behind it. */
interface Stop {
  readonly at: (call: Syscall) => boolean
  readonly seen: (pid: number) => string
}

const named = (name: string, word?: string) => (call: Syscall) => call.name === name && (word === undefined || JSON.stringify(call.args).includes(word))

const stops: readonly Stop[] = [
  { at: named('clone3', 'CLONE_NEW'), seen: (pid) => `PID ${pidsOf(pid).join(' here is PID ')} inside; its own: ${ownNamespaces(pid).join(' ')}` },
  { at: named('unshare', 'CLONE_NEWCGROUP'), seen: (pid) => `its own: ${ownNamespaces(pid).join(' ')}` },
  { at: named('mount', 'overlay'), seen: (pid) => `${mountsOf(pid).length} mounts: a copy of the host's ${mountsOf('self').length}, and its own` },
  { at: named('umount2'), seen: (pid) => `${mountsOf(pid).length} mounts: nothing of the host is in view any more` },
  { at: named('ioctl', 'SIOCSIFFLAGS'), seen: (pid) => `network interfaces: ${interfacesOf(pid).join(' ')}` },
  { at: named('capset'), seen: (pid) => `${capabilitiesOf(pid, 'CapEff')} capabilities, where we have ${capabilitiesOf('self', 'CapEff')}` },
]

/** Starts a container and stops on the way where there is something to see. */
export async function build(config: ContainerConfig, narrator: Narrator): Promise<RunningContainer> {
  const { dim, cyan, bold } = narrator.colours
  let last: readonly [index: number, call: Syscall] | undefined
  let shown = 0
  const step = async (index: number, call: Syscall, process: LaunchedProcess) => {
    const [before, made] = last ?? []
    last = [index, call]
    const stop = made && stops.find(({ at }) => at(made))
    if (!stop || before === undefined) return
    shown++
    await narrator.line(`${dim(`${before + 1}/${process.plan.program.length}`.padEnd(8))}${bold(cut(shortCall(made), 68))}`, 0.15)
    await narrator.line(`        ${dim(cut(made.why, 68))}`, 0.15)
    await narrator.line(`        ${cyan('→')} ${stop.seen(process.pid)}`, 0.5)
  }
  const container = await start(config, { step, stdio: ['ignore', 'pipe', 'pipe'] })
  const [index = 0, call] = last ?? []
  if (call) await narrator.line(`${dim(`${index + 1}/${container.plan.program.length}`.padEnd(8))}${bold(cut(shortCall(call), 68))}`)
  await narrator.line(dim(`        and ${container.plan.program.length - shown - 1} more: ctrun explain host sh prints them all`))
  return container
}
