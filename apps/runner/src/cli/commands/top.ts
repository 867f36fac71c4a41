import type { ContainerProcess } from '../../control.ts'
import type { Command } from '../command.ts'
import { print, terminalWidth } from '../output.ts'
import { table } from '../table.ts'
import { target } from '../target.ts'

export const command: Command = {
  usage: 'CONTAINER',
  purpose: 'Lists the processes of a container. Each is one process with two numbers: the PID that the host sees, and the PID inside.',
  examples: ['top web', 'top --json web', 'top web | cut -f1'],
  flags: [{ name: 'json', help: 'a line of JSON for each' }],
  operands: [1, 1, 'a container'],
  async main(args) {
    const record = await target(args.operands[0]!)
    const { top } = await import('../../control.ts')
    const processes = [...top(record)].sort((a, b) => (a.pidInside ?? a.pid) - (b.pidInside ?? b.pid))
    if (args.has('json')) print(processes.map((each) => JSON.stringify({ v: 1, ...each, pidInside: each.pidInside ?? null }) + '\n').join(''))
    else print(await processTable(processes))
    return 0
  },
}

export async function processTable(processes: readonly ContainerProcess[], width?: number): Promise<string> {
  const columns = [
    { title: 'PID (HOST)', value: ({ pid }: ContainerProcess) => String(pid), right: true },
    { title: 'PID (INSIDE)', value: ({ pidInside }: ContainerProcess) => String(pidInside ?? '-'), right: true },
    { title: 'PPID (HOST)', value: ({ ppid }: ContainerProcess) => String(ppid), right: true, drop: 2 },
    { title: 'UID', value: ({ user }: ContainerProcess) => String(user), right: true, drop: 1 },
    // USER_HZ is 100 on every architecture that we run on.
    { title: 'CPU', value: ({ cpuTicks }: ContainerProcess) => `${(cpuTicks / 100).toFixed(2)} s`, right: true, drop: 3 },
    { title: 'COMMAND', value: ({ command }: ContainerProcess) => command.join(' ').replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' '), least: 8 },
  ]
  return table(columns, processes, { width: width ?? (await terminalWidth(1)) })
}
