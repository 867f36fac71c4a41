import type { OciCommand } from '../oci-command.ts'
import { listed, type Listed } from '../../state/listed.ts'
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
    if (args.has('quiet')) all.forEach(({ id }) => print(id))
    else print(format === 'json' ? JSON.stringify(all) : table(all))
    return 0
  },
}

/** One that cannot be read is no reason to show none of the others. */
function described(store: OciStore, id: string, warn: (message: string) => void): Listed[] {
  try {
    const state = store.read(id)
    return state ? [listed(store, state)] : []
  } catch (error) {
    warn(`${id}: ${(error as Error).message}`)
    return []
  }
}

/** In columns of at least 12 characters, as runc has them. */
function table(rows: readonly Listed[]): string {
  const cells = [['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'], ...rows.map(({ id, pid, status, bundle, created, owner }) => [id, String(pid), status, bundle, created, owner])]
  const widths = cells[0]!.map((_, column) => Math.max(12, ...cells.map((row) => row[column]!.length + 3)))
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('').trimEnd()).join('\n')
}
