import type { Ulimit } from '../../config.ts'
import { UsageError } from '../errors/usage-error.ts'

/** The limits of `--ulimit nofile=1024:2048`; `-1` and `unlimited` are none, one number is both. */
export function parseUlimits(texts: readonly string[]): Record<string, Ulimit> {
  return Object.fromEntries(texts.map((text) => {
    const [, name, soft, hard] = /^([a-z]+)=(-1|\d{1,15}|unlimited)(?::(-1|\d{1,15}|unlimited))?$/.exec(text) ?? []
    if (name === undefined || soft === undefined) throw new UsageError(`--ulimit ${JSON.stringify(text)} is not a limit`, { id: 'bad-ulimit', fix: ['NAME=SOFT or NAME=SOFT:HARD, as in nofile=1024:2048'] })
    const limit = [value(soft), value(hard ?? soft)] as const
    if (rank(limit[0]) > rank(limit[1])) throw new UsageError(`--ulimit ${text}: the soft limit is above the hard one`, { id: 'bad-ulimit' })
    return [name, limit]
  }))
}

const value = (text: string): number | 'unlimited' => (text === '-1' || text === 'unlimited' ? 'unlimited' : Number(text))
const rank = (limit: number | 'unlimited') => (limit === 'unlimited' ? Infinity : limit)
