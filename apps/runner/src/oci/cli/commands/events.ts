import { setTimeout as delay } from 'node:timers/promises'
import type { OciCommand } from '../oci-command.ts'
import { OciError } from '../../oci-error.ts'
import { neededGroup, statusOf } from '../../state/status.ts'
import { print } from '../log.ts'
import { statsEvent, wideJson } from '../stats-event.ts'
import { usageOf } from '../usage.ts'

export const command: OciCommand = {
  usage: 'ID',
  about: 'print what a container uses, and each time that it runs out of memory',
  flags: [{ name: 'stats', help: 'what it uses, once, and no more' }, { name: 'interval', value: 'TIME', help: 'how often: 5s' }],
  operands: [1, 1],
  async main(args, { store, warn }) {
    const id = args.operands[0]!
    const millis = interval(args.text('interval') ?? '5s')
    const state = store.find(id)
    const stopped = () => statusOf(store, state) === 'stopped'
    if (stopped()) throw new OciError(`container with id ${id} is not running`)
    const group = neededGroup(state, 'tell what it uses')
    const use = () => print(wideJson(statsEvent(id, usageOf(group))))
    if (args.has('stats')) {
      use()
      return 0
    }
    const { oomNotices } = await import('../../lifecycle/oom-notices.ts')
    const end = new AbortController()
    const ended = printOoms(() => oomNotices(group, end.signal), id, warn)
    const gone = ended.then((known) => known || new Promise<never>(() => {}))
    const wait = (time: number) => Promise.race([gone, delay(time, false, { signal: end.signal })])
    try {
      for (;;) {
        use()
        if (await wait(millis)) return 0
        if (!stopped()) continue
        await wait(lastWordsMillis)
        return 0
      }
    } finally {
      end.abort()
      await ended
    }
  },
}

/** What happened last may be told this much later: version 2 tells no more often than every 10 ms. */
const lastWordsMillis = 100

/** @returns true when the group is no more, false where that cannot be known */
async function printOoms(watch: () => AsyncIterable<number>, id: string, warn: (message: string) => void): Promise<boolean> {
  try {
    for await (const count of watch()) for (let i = 0; i < count; i++) print(JSON.stringify({ type: 'oom', id }))
    return true
  } catch (error) {
    warn(`nobody tells when ${id} runs out of memory: ${(error as Error).message}`)
    return false
  }
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A duration as Go writes it, of one unit. */
function interval(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? []
  const millis = Number(number) * (units[unit] ?? 0)
  if (!(millis > 0)) throw new OciError(`duration interval must be greater than 0, as 5s, not ${JSON.stringify(text)}`)
  return millis
}
