import type { ContainerRecord } from '../containers.ts'
import { UsageError } from './errors/usage-error.ts'
import { nearest } from './suggest.ts'

/** The container that a word names: its name, or how its id begins. */
export async function target(word: string): Promise<ContainerRecord> {
  const { find, list } = await import('../containers.ts')
  const { NoSuchContainerError } = await import('../store.ts')
  // A path would be looked up outside of the store.
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(word)) throw new UsageError(`${JSON.stringify(word)} is no name of a container`, { id: 'no-container' })
  try {
    return find(word)
  } catch (error) {
    if (!(error instanceof NoSuchContainerError)) throw error
    const all = list()
    const fitting = all.filter(({ state }) => state.id.startsWith(word))
    if (fitting.length > 1) throw new UsageError(`${word} begins ${fitting.length} ids`, { id: 'ambiguous', fix: fitting.map(({ state }) => `${state.id.slice(0, 16)}  ${state.name}`) })
    const meant = nearest(word, all.map(({ state }) => state.name))
    throw new UsageError(`there is no container ${JSON.stringify(word)}`, { id: 'no-container', fix: [meant === undefined ? 'ctrun ps -a lists them' : `did you mean ${meant}?`] })
  }
}

/** Does something with each of them, all of them even when one fails. @returns the exit status */
export async function forEachTarget(words: readonly string[], json: boolean, act: (record: ContainerRecord) => unknown): Promise<number> {
  let status = 0
  for (const word of words) {
    try {
      await act(await target(word))
    } catch (error) {
      const { fail } = await import('./errors/fail.ts')
      status = fail(await inWords(error), { verb: 'ctrun', json })
    }
  }
  return status
}

/** What the library says of a container's state is the user's to mend. */
export async function inWords(error: unknown): Promise<unknown> {
  const { code, containerName: name } = error as { readonly code?: string; readonly containerName?: string }
  if (code === 'ENOTRUNNING') return new UsageError(`${name} is not running`, { id: 'not-running', fix: ['ctrun ps -a shows how it ended'] })
  if (code === 'ERUNNING') return new UsageError(`${name} is running`, { id: 'running', fix: [`ctrun stop ${name}, or ctrun rm -f ${name}`] })
  return error
}
