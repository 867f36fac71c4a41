import { setTimeout as delay } from 'node:timers/promises'
import { stat } from '@ctr/cgroup'
import type { OciCommand } from '../oci-command.ts'
import { OciError } from '../../oci-error.ts'
import { neededGroup, statusOf } from '../../state/status.ts'
import { print } from '../log.ts'
import { statsEvent } from '../stats-event.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'print what a container uses',
  flags: [{ name: 'stats', help: 'once, and no more' }, { name: 'interval', value: 'TIME', help: 'how often: 5s' }],
  operands: [1, 1],
  async main(args, { store }) {
    const id = args.operands[0]!
    const millis = interval(args.text('interval') ?? '5s')
    const state = store.find(id)
    if (statusOf(store, state) === 'stopped') throw new OciError(`container with id ${id} is not running`)
    const group = neededGroup(state, 'tell what it uses')
    for (;;) {
      print(JSON.stringify(statsEvent(id, stat(group))))
      if (args.has('stats')) return 0
      await delay(millis)
      if (statusOf(store, state) === 'stopped') return 0
    }
  },
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A duration as Go writes it, of one unit. */
function interval(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? []
  const millis = Number(number) * (units[unit] ?? 0)
  if (!(millis > 0)) throw new OciError(`duration interval must be greater than 0, as 5s, not ${JSON.stringify(text)}`)
  return millis
}
