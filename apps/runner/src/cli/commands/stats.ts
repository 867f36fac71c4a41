import { setTimeout as delay } from 'node:timers/promises'
import { isatty } from 'node:tty'
import type { ContainerRecord } from '../../containers.ts'
import type { Command } from '../command.ts'
import { print, terminalWidth } from '../output.ts'
import { cpuPercent, statsColumns, type StatsRow } from '../stats-row.ts'
import { table } from '../table.ts'
import { target } from '../target.ts'

const intervalMillis = 1000

export const command: Command = {
  usage: '[--no-stream] [CONTAINER…]',
  purpose: 'Shows what containers use, and their limits, drawn again every second until they have ended. CPU is in percent of one CPU; throttled are the periods in which the CPU limit was hit.',
  examples: ['stats', 'stats --no-stream web', 'stats --no-stream --json web'],
  flags: [{ name: 'no-stream', help: 'once' }, { name: 'json', help: 'lines of JSON: bytes and nanoseconds' }, { name: 'all', short: 'a', help: 'those that have ended too' }],
  async main(args) {
    const chosen = await Promise.all(args.operands.map(target))
    const once = args.has('no-stream')
    // Redrawing makes sense on a terminal only; elsewhere each reading follows the one before.
    const redraw = !once && !args.has('json') && isatty(1)
    const width = async () => (once ? terminalWidth(1) : isatty(1) ? (await import('../terminal/window-size.ts')).windowSize(1).columns : undefined)
    let drawn = 0
    let before = await readings(chosen, args.has('all'))
    for (;;) {
      await delay(once ? 200 : intervalMillis)
      const after = await readings(chosen, args.has('all'))
      const rows = [...after].map(([id, { record, stat, at }]): StatsRow => {
        const last = before.get(id)
        return { id, name: record.state.name, stat, cpuPercent: last === undefined ? undefined : cpuPercent(last.stat, stat, Number(at - last.at)) }
      })
      const text = args.has('json') ? rows.map((row) => JSON.stringify({ v: 1, ...row, cpuPercent: row.cpuPercent ?? null }) + '\n').join('') : table(statsColumns, rows, { width: await width() })
      print(redraw && drawn > 0 ? `\x1b[${drawn}A\x1b[J${text}` : text)
      drawn = text.split('\n').length - 1
      if (once || rows.length === 0) return 0
      before = after
    }
  },
}

interface Reading {
  readonly record: ContainerRecord
  readonly stat: StatsRow['stat']
  readonly at: bigint
}

async function readings(chosen: readonly ContainerRecord[], all: boolean): Promise<Map<string, Reading>> {
  const [{ list }, { stats }] = await Promise.all([import('../../containers.ts'), import('../../control.ts')])
  const wanted = new Set(chosen.map(({ state }) => state.id))
  const records = list().filter(({ state, status }) => (wanted.size > 0 ? wanted.has(state.id) : true) && (all || status !== 'exited'))
  return new Map(records.map((record) => [record.state.id, { record, stat: stats(record), at: process.hrtime.bigint() }]))
}
