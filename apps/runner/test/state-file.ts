import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { ownIdentity, storeDirectory } from '../src/store.ts'
import type { State } from '../src/state.ts'

/** A state whose owner and process are as given; by default nobody of today. */
export function state(name: string, changes: Partial<State> = {}): State {
  const { bootId = '' } = ownIdentity()
  return {
    v: 1, id: '0123456789abcdef0123456789abcdef', name, status: 'running', config: { rootfs: 'host', args: ['sleep', '1000'], name }, created: '2026-01-01T00:00:00.000Z',
    owner: { pid: 2 ** 22 - 1, starttimeTicks: 1, bootId }, cgroup: `/ctrun-${name}`, ...changes,
  }
}

/** What a crash left under the name: a state, or whatever else stands where one should be. */
export function leave(name: string, content: State | string): void {
  const directory = `${storeDirectory()}/${name}`
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(`${directory}/root`, { recursive: true })
  writeFileSync(`${directory}/state.json`, typeof content === 'string' ? content : JSON.stringify(content))
}
