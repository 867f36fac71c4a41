import type { ContainerRecord } from '../../containers.ts'
import type { Command } from '../command.ts'
import { age } from '../age.ts'
import { print, terminalWidth } from '../output.ts'
import { statusText } from '../status-text.ts'
import { table, type Column } from '../table.ts'

export const command: Command = {
  usage: '[-a] [-q]',
  purpose: 'Lists the containers that run, with -a also those that have ended and are kept. In a pipe, tabs separate and nothing is cut.',
  examples: ['ps', 'ps -a --no-trunc', 'ps --json | head -1'],
  flags: [
    { name: 'all', short: 'a', help: 'those that have ended too' },
    { name: 'quiet', short: 'q', help: 'ids alone' },
    { name: 'no-trunc', help: 'whole ids and commands' },
    { name: 'json', help: 'a line of JSON for each' },
  ],
  operands: [0, 0, ''],
  async main(args) {
    const [{ list }, { sweep }] = await Promise.all([import('../../containers.ts'), import('../../stale.ts')])
    await sweep().catch(() => {}) // Another user's containers are not ours to tidy up.
    const records = list().filter(({ status }) => args.has('all') || status !== 'exited')
    const full = args.has('no-trunc')
    const id = ({ state }: ContainerRecord) => (full ? state.id : state.id.slice(0, 12))
    if (args.has('json')) print(records.map((record) => JSON.stringify(asJson(record)) + '\n').join(''))
    else if (args.has('quiet')) print(records.map((record) => `${id(record)}\n`).join(''))
    else print(table(columns(id, Date.now()), records, { width: await terminalWidth(1), full }))
    return 0
  },
}

function columns(id: (record: ContainerRecord) => string, now: number): Column<ContainerRecord>[] {
  return [
    { title: 'ID', value: id, drop: 3 },
    { title: 'NAME', value: ({ state }) => state.name, least: 10 },
    { title: 'PID', value: ({ state, status }) => (status === 'exited' || !state.process ? '-' : String(state.process.pid)), right: true },
    { title: 'IMAGE', value: ({ state }) => state.config.rootfs.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' '), least: 8, drop: 1 },
    { title: 'COMMAND', value: ({ state }) => state.config.args.join(' ').replaceAll(/[\x00-\x1f\x7f-\x9f]/g, ' '), least: 8 },
    { title: 'CREATED', value: ({ state }) => `${age(now - Date.parse(state.created))} ago`, drop: 2 },
    { title: 'STATUS', value: (record) => statusText(record, now), least: 7 },
  ]
}

function asJson({ state, status }: ContainerRecord) {
  return {
    v: 1, id: state.id, name: state.name, status, pid: status === 'exited' ? null : (state.process?.pid ?? null), image: state.config.rootfs, command: state.config.args,
    created: state.created, started: state.started ?? null, finished: state.finished ?? null, outcome: state.outcome ?? null,
  }
}
