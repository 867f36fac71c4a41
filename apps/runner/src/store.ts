import { closeSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf, isAlive, type Identity } from '@ctr/procfs'
import { lock } from './name-lock.ts'
import { files } from './state-files.ts'
import { parseState, type State } from './state.ts'

/** Where containers are written down: /run/ctrun, or in $XDG_RUNTIME_DIR for a user who may not write there. */
export function storeDirectory(): string {
  const own = process.env['XDG_RUNTIME_DIR']
  return process.geteuid?.() === 0 || !own ? '/run/ctrun' : join(own, 'ctrun')
}

/** A container of this name exists. */
export class NameInUseError extends Error {
  readonly code = 'ENAMEINUSE'
  readonly containerName: string
  constructor(name: string) {
    super(`The name ${JSON.stringify(name)} is in use by another container`)
    this.name = 'NameInUseError'
    this.containerName = name
  }
}

/** There is no container of this name. */
export class NoSuchContainerError extends Error {
  readonly code = 'ENOCONTAINER'
  readonly containerName: string
  constructor(name: string) {
    super(`There is no container ${JSON.stringify(name)}`)
    this.name = 'NoSuchContainerError'
    this.containerName = name
  }
}

export const directoryOf = (name: string): string => join(storeDirectory(), name)

/** The directory that the root of a container is mounted on, in its own mount namespace only. */
export const rootMountPoint = (name: string): string => join(directoryOf(name), files.root)

/** 128 bits in hexadecimal: of the kernel, as random(4) has them, because loading node:crypto takes longer than all else that `state` does. */
export const newId = (): string => readFileSync('/proc/sys/kernel/random/uuid', 'utf8').trim().replaceAll('-', '')

let own: Identity | undefined

/** Who we are, for state files. That does not change. */
export const ownIdentity = (): Identity => (own ??= identityOf('self'))

/** What a container's directory is called before it has its name, or after: its maker can be told from it, whatever has been written by then. */
const draftOf = ({ id, owner }: Pick<State, 'id' | 'owner'>): string => join(storeDirectory(), `.${owner.pid}-${owner.starttimeTicks}-${id}`)

/** Drafts whose maker died before they had a name are gone. */
export function removeDrafts(): void {
  const { bootId } = ownIdentity()
  for (const entry of entries()) {
    const [, pid, starttimeTicks] = /^\.(\d+)-(\d+)-[\da-f]{32}$/.exec(entry) ?? []
    const maker = { pid: Number(pid), starttimeTicks: Number(starttimeTicks), ...(bootId === undefined ? {} : { bootId }) }
    if (pid !== undefined && !alive(maker)) rmSync(join(storeDirectory(), entry), { recursive: true, force: true })
  }
}

/**
 * The name belongs to this container. It appears at once with its state in it: a crash before leaves nothing under the name.
 *
 * @returns the lock of the name: whoever holds it may remove what is behind the name
 * @throws NameInUseError
 */
export function claim(state: State): number {
  const draft = draftOf(state)
  let held: ReturnType<typeof lock> = 'gone'
  try {
    mkdirSync(join(draft, files.root), { recursive: true, mode: 0o700 })
    held = lock(draft)
    if (typeof held !== 'number') throw new Error(`${draft} was removed while it was made`)
    writeFileSync(join(draft, files.state), JSON.stringify(state))
    renameSync(draft, directoryOf(state.name))
    return held
  } catch (error) {
    if (typeof held === 'number') closeSync(held)
    rmSync(draft, { recursive: true, force: true })
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST') throw new NameInUseError(state.name)
    throw isFull(error) ? full(state, error) : error
  }
}

/** The state is replaced as a whole: readers see the old one or the new one. */
export function writeState(state: State): void {
  const [path, next] = [files.state, files.newState].map((file) => join(directoryOf(state.name), file)) as [string, string]
  const text = JSON.stringify(state)
  try {
    writeFileSync(next, text)
  } catch (error) {
    rmSync(next, { force: true })
    if (!isFull(error)) throw error
    return overwrite(path, text, state)
  }
  renameSync(next, path)
}

/** Where there is no room for both. The old one is not cut before the new one is there: its room could be taken. */
function overwrite(path: string, text: string, state: State): void {
  const file = openSync(path, 'r+')
  try {
    ftruncateSync(file, writeSync(file, text))
  } catch (error) {
    throw isFull(error) ? full(state, error) : error
  } finally {
    closeSync(file)
  }
}

/** No room, or none for this user. */
export const isFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Node's own error names no file. */
const full = ({ name }: State, cause: unknown): Error =>
  Object.assign(new Error(`${(cause as Error).message}: there is no room in ${storeDirectory()} for the state of ${name}`, { cause }), { code: (cause as NodeJS.ErrnoException).code, path: storeDirectory() })

/**
 * The name is free again. Gone already is fine. For who holds the lock of the name, which is not given up here.
 *
 * The state goes last: an empty directory gives way to the rename of whoever claims the name next, and what has the path from then on is theirs.
 */
export function release(name: string): void {
  const directory = directoryOf(name)
  for (const file of [files.signal, files.newState]) rmSync(join(directory, file), { force: true })
  gone(rmdirSync, join(directory, files.root))
  gone(unlinkSync, join(directory, files.state))
  gone(rmdirSync, directory, 'ENOTEMPTY')
}

function gone(remove: (path: string) => void, path: string, ...allowed: string[]): void {
  try {
    remove(path)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && !allowed.includes(code)) throw error
  }
}

/** The directory is gone, whatever is in it: for one that is not a container's. Mounts and links in it are not followed. It leaves its name first, as others may want that. */
export function removeRemains(name: string): void {
  const away = draftOf({ id: newId(), owner: ownIdentity() })
  gone((path) => renameSync(path, away), directoryOf(name))
  rmSync(away, { recursive: true, force: true })
}

/**
 * @returns undefined when there is no container of this name
 * @throws SyntaxError what is written there is not a state
 */
export function readState(name: string): State | undefined {
  const path = join(directoryOf(name), files.state)
  try {
    return parseState(readFileSync(path, 'utf8'), path)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

export const names = (): string[] => entries().filter((name) => !name.startsWith('.')).sort()

function entries(): string[] {
  try {
    return readdirSync(storeDirectory())
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Whether the very process is still there: a pid alone may have been given to another, and another boot has other processes. */
export function alive(identity: Identity | undefined): boolean {
  return identity !== undefined && isAlive(identity)
}
