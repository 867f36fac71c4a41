import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Identity } from '@ctr/procfs'
import { alive, ownIdentity } from '../../store.ts'
import { readCaller } from '../caller.ts'
import { OciError } from '../oci-error.ts'
import { parseOciState, type OciState } from './oci-state.ts'

export const ociFiles = { state: 'state.json', config: 'config.json', start: 'start.fifo' } as const

/**
 * Where containers are written down if `--root` does not say: /run/ctrun-oci, or a directory of the user. Root of a user namespace is a user
 * of the host too, and has the place of that one, unless it goes by the name of root.
 */
export function defaultRoot({ XDG_RUNTIME_DIR: own, USER: name }: NodeJS.ProcessEnv = process.env): string {
  if (!own) return '/run/ctrun-oci'
  const { uid, inUserNamespace } = readCaller()
  return (uid !== 0 || (inUserNamespace && name !== 'root')) ? join(own, 'ctrun-oci') : '/run/ctrun-oci'
}

const validId = /^[a-zA-Z0-9_+-][a-zA-Z0-9_+.-]{0,1023}$|^\.[a-zA-Z0-9_+-][a-zA-Z0-9_+.-]{0,1022}$/

/** @throws OciError the text is no name of a container: it becomes a name of a directory and of a group */
export function checkId(id: string): void {
  if (!validId.test(id) || id.startsWith('-')) throw new OciError(`invalid container ID format: ${JSON.stringify(id)}`)
}

export class OciStore {
  readonly root: string

  constructor(root: string) {
    this.root = root
  }

  directory(id: string): string {
    return join(this.root, id)
  }

  path(id: string, file: keyof typeof ociFiles): string {
    return join(this.root, id, ociFiles[file])
  }

  /**
   * The id belongs to this container. It appears at once with its state in it: a crash before leaves nothing under the id.
   *
   * @param config the text of its config.json: what it was made from, whatever becomes of the bundle
   * @throws OciError there is one of this id
   */
  claim(state: OciState, config: string | Uint8Array): void {
    const draft = this.#draft(state.creator, state.id)
    this.#makeRoot()
    try {
      mkdirSync(draft, { mode: 0o700 })
      writeFileSync(join(draft, ociFiles.config), config)
      writeFileSync(join(draft, ociFiles.state), JSON.stringify(state))
      renameSync(draft, this.directory(state.id))
    } catch (error) {
      rmSync(draft, { recursive: true, force: true })
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOTEMPTY' || code === 'EEXIST') throw new OciError(`container with given ID already exists: ${state.id}`, { code: 'EEXIST' })
      throw this.#refused(error)
    }
  }

  #makeRoot(): void {
    try {
      // Those who clean XDG_RUNTIME_DIR up leave what is sticky (XDG Base Directory Specification).
      if (makeDirectory(this.root)) chmodSync(this.root, 0o1700)
    } catch (error) {
      throw this.#refused(error)
    }
  }

  /** The error of the system with what can be done about it. */
  #refused(error: unknown): unknown {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') return new OciError(`${message}: there is no room in ${this.root} for what has to be written down of a container; --root names another directory`, { code, cause: error })
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new OciError(`${message}: containers cannot be written down there; --root names another directory, and so does XDG_RUNTIME_DIR for who is not root`, { code, cause: error })
    return error
  }

  /** What makers left that died before their container had its id is gone. */
  removeDrafts(bootId: string | undefined): void {
    for (const entry of this.#entries()) {
      const [, pid, starttimeTicks] = /^~(\d+)-(\d+)-/.exec(entry) ?? []
      const maker = { pid: Number(pid), starttimeTicks: Number(starttimeTicks), ...(bootId === undefined ? {} : { bootId }) }
      if (pid !== undefined && !alive(maker)) rmSync(join(this.root, entry), { recursive: true, force: true })
    }
  }

  /** The state is replaced as a whole: readers see the old one or the new one. It is of this boot of the machine: there is no waiting for a disk. */
  write(state: OciState): void {
    const path = this.path(state.id, 'state')
    try {
      writeFileSync(`${path}.new`, JSON.stringify(state), { mode: 0o600 })
    } catch (error) {
      throw this.#refused(error)
    }
    renameSync(`${path}.new`, path)
  }

  /**
   * @returns undefined when there is no container of this id
   * @throws SyntaxError what is written there is not a state
   */
  read(id: string): OciState | undefined {
    checkId(id)
    const path = this.path(id, 'state')
    try {
      return parseOciState(readFileSync(path, 'utf8'), path)
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
      throw error
    }
  }

  /** @throws OciError there is no container of this id */
  find(id: string): OciState {
    const state = this.read(id)
    if (!state) throw new OciError('container does not exist', { code: 'ENOENT' })
    return state
  }

  ids(): string[] {
    return this.#entries().filter((entry) => !entry.startsWith('~')).sort()
  }

  /** Gone already is fine. It leaves its id first: an emptied directory would give way to whoever claims the id next, and then be theirs. */
  remove(id: string): void {
    const away = this.#draft(ownIdentity(), id)
    // Of a file system that is read-only, the error would be that, also where there is nothing.
    if (!existsSync(this.directory(id))) return
    try {
      renameSync(this.directory(id), away)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    removeDirectory(away)
  }

  /** What the directory of a container is called before it has its id, or after: its maker can be told from it. */
  #draft({ pid, starttimeTicks }: Identity, id: string): string {
    return join(this.root, `~${pid}-${starttimeTicks}-${id}`)
  }

  #entries(): string[] {
    try {
      return readdirSync(this.root)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}

/** Made with its parents, one by one: with `recursive`, Node says ENOENT for a read-only file system (MKDirpSync in src/node_file.cc). @returns whether it was missing */
function makeDirectory(path: string): boolean {
  const isThere = () => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (isThere()) return false
  if (dirname(path) !== path) makeDirectory(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (error) {
    // Of many that begin at once one makes it.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isThere()) return false
    throw error
  }
}

/** The directory is gone. Not by rmSync where it has files alone, as each of ours has: that is a module of its own in Node 20. */
function removeDirectory(path: string): void {
  try {
    for (const name of readdirSync(path)) unlinkSync(join(path, name))
    rmdirSync(path)
  } catch {
    rmSync(path, { recursive: true, force: true })
  }
}
