import { spawnSync } from 'node:child_process'
import { procfs, ProcessVanishedError } from '@ctr/procfs'
import type { OciCommand } from '../oci-command.ts'
import { membersOf } from '../../state/members.ts'
import { print } from '../log.ts'
import { OciError } from '../../oci-error.ts'

export const command: OciCommand = {
  usage: 'ID [OPTION OF PS]…',
  about: 'list the processes of a container, as ps -ef does or as its options say',
  flags: [{ name: 'format', short: 'f', value: 'FORMAT', help: 'table or json' }],
  operands: [1, Infinity],
  main(args, { store }) {
    const format = args.text('format') ?? 'table'
    if (format !== 'table' && format !== 'json') throw new OciError(`invalid format ${JSON.stringify(format)}: table or json`)
    const pids = membersOf(store.find(args.operands[0]!))
    print(format === 'json' ? JSON.stringify(pids) : table(pids, args.operands.slice(1)))
    return 0
  },
}

/** What this machine's ps prints of them. Where it has none, in short what we know ourselves. */
function table(pids: readonly number[], options: readonly string[]): string {
  const { error, status, signal, stdout, stderr } = spawnSync('ps', options.length > 0 ? options : ['-ef'], { encoding: 'latin1', maxBuffer: 2 ** 28 })
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' && options.length === 0) return ['PID     PPID    UID     CMD', ...pids.flatMap(row)].join('\n')
  if (error) throw new OciError(`ps: ${error.message}`, { cause: error })
  if (status !== 0) throw new OciError(`ps: ${signal ?? `exit status ${status}`}: ${stderr.trim()}`)
  const [head = '', ...lines] = stdout.trimEnd().split('\n')
  const column = words(head).indexOf('PID')
  if (column < 0) throw new OciError(`couldn't find PID field in ps output: ${JSON.stringify(head)}`)
  return [head, ...lines.filter((line) => pids.includes(Number(words(line)[column])))].join('\n')
}

const words = (line: string): string[] => line.trim().split(/\s+/)

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
