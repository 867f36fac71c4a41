import { procfs, ProcessVanishedError } from '@ctr/procfs'
import type { OciCommand } from '../oci-command.ts'
import { membersOf } from '../../state/members.ts'
import { print } from '../log.ts'
import { OciError } from '../../oci-error.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'list the processes of a container',
  flags: [{ name: 'format', short: 'f', value: 'FORMAT', help: 'table or json' }],
  operands: [1, Infinity],
  main(args, { store }) {
    const format = args.text('format') ?? 'table'
    if (format !== 'table' && format !== 'json') throw new OciError(`invalid format ${JSON.stringify(format)}: table or json`)
    const pids = membersOf(store.find(args.operands[0]!))
    print(format === 'json' ? JSON.stringify(pids) : ['PID     PPID    UID     CMD', ...pids.flatMap(row)].join('\n'))
    return 0
  },
}

function row(pid: number): string[] {
  try {
    const process = procfs().pid(pid)
    const [{ ppid, comm }, { uid }, words] = [process.stat(), process.status(), process.cmdline()]
    const cells = [pid, ppid, uid.real].map((cell) => String(cell).padEnd(7))
    // What a process calls itself may hold anything; the terminal of whoever looks must not obey it.
    return [`${cells.join(' ')} ${(words.length > 0 ? words.join(' ') : `[${comm}]`).replace(/[\x00-\x1f\x7f-\x9f]/g, '?')}`]
  } catch (error) {
    if (error instanceof ProcessVanishedError) return []
    throw error
  }
}
