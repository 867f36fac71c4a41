import { statSync } from 'node:fs'
import type { OciCommand } from '../oci-command.ts'
import { reportedState, statusOf, type ReportedState } from '../../state/status.ts'
import type { OciStore } from '../../state/oci-store.ts'
import { print } from '../log.ts'
import { OciError } from '../../oci-error.ts'

export const command: OciCommand = {
  usage: '',
  about: 'list containers',
  flags: [{ name: 'format', short: 'f', value: 'FORMAT', help: 'table or json' }, { name: 'quiet', short: 'q', help: 'ids only' }],
  operands: [0, 0],
  main(args, { store, warn }) {
    const format = args.text('format') ?? 'table'
    if (format !== 'table' && format !== 'json') throw new OciError(`invalid format ${JSON.stringify(format)}: table or json`)
    const all = store.ids().flatMap((id) => described(store, id, warn))
    if (args.has('quiet')) print(all.map(({ id }) => id).join('\n'))
    else print(format === 'json' ? JSON.stringify(all) : table(all))
    return 0
  },
}

type Row = ReportedState & { readonly created: string; readonly owner: number }

/** One that cannot be read is no reason to show none of the others. */
function described(store: OciStore, id: string, warn: (message: string) => void): Row[] {
  try {
    const state = store.read(id)
    return state ? [{ ...reportedState(state, statusOf(store, state)), created: state.created, owner: statSync(store.directory(id)).uid }] : []
  } catch (error) {
    warn(`${id}: ${(error as Error).message}`)
    return []
  }
}

function table(rows: readonly Row[]): string {
  const cells = [['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...rows.map(({ id, pid = 0, status, bundle, created, owner }) => [id, String(pid), status, bundle, created, `#${owner}`])]
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('   ').trimEnd()).join('\n')
}
