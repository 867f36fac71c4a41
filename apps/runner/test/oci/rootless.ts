import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished, type Finished } from '../ctrun.ts'
import { hasBusybox, type OciBench } from './oci.ts'

/** Debian's user and group daemon: somebody whom every machine has, and who owns nothing. */
export const daemon = 1

const has = (tool: string) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0

/** Why an ordinary user cannot be tried here; false where one can. */
export const unable: string | false = !hasBusybox ? 'needs busybox' : process.getuid?.() !== 0 ? 'needs root, to become an ordinary user' : !has('setpriv') ? 'needs setpriv (util-linux)' : false
export const withoutCommands: string | false = unable || (['newuidmap', 'newgidmap'].every(has) && ['subuid', 'subgid'].every((file) => existsSync(`/etc/${file}`)) ? false : 'needs newuidmap and newgidmap (Debian package uidmap)')

export interface UserOptions {
  /** Lines for /etc/subuid and /etc/subgid, which only this user's commands see. */
  readonly subIds?: string
  readonly path?: string
  /** A shell script that root runs before: it has the process in the group that it is to be in, say. */
  readonly before?: string
}

/** An ordinary user, with a directory for what the runtime writes down, who owns the bundles. */
export class User {
  readonly runtimeDirectory: string
  readonly #bench: OciBench
  readonly #options: UserOptions

  constructor(bench: OciBench, options: UserOptions = {}) {
    this.#bench = bench
    this.#options = options
    this.runtimeDirectory = join(bench.directory, 'run')
    if (!existsSync(this.runtimeDirectory)) mkdirSync(this.runtimeDirectory, { mode: 0o700 })
    chownSync(this.runtimeDirectory, daemon, daemon)
    if (options.subIds !== undefined) writeFileSync(join(bench.directory, 'subids'), options.subIds)
  }

  /** The words that run others as this user, with nothing of our environment. */
  argv(...words: string[]): string[] {
    const { subIds, before = '', path = '/usr/bin:/bin' } = this.#options
    const tables = subIds === undefined ? '' : ['subuid', 'subgid'].map((file) => `mount --bind ${this.#bench.directory}/subids /etc/${file}`).join('\n')
    const user = ['setpriv', `--reuid=${daemon}`, `--regid=${daemon}`, '--clear-groups', 'env', '-i', `PATH=${path}`, `XDG_RUNTIME_DIR=${this.runtimeDirectory}`]
    return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', `set -e\n${tables}\n${before}\nexec "$@"`, 'sh', ...user, ...words]
  }

  /** Runs `ctrun-oci` to its end. */
  oci(...args: string[]): Promise<Finished> {
    const [command = '', ...rest] = this.argv(...this.#bench.command, ...args)
    return finished(spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'] }))
  }

  /** The same without reading what it prints: what it leaves behind may hold the pipes. */
  detached(...args: string[]): Promise<number | null> {
    const [command = '', ...rest] = this.argv(...this.#bench.command, ...args)
    return new Promise((resolve, reject) => spawn(command, rest, { stdio: 'ignore' }).on('error', reject).on('close', resolve))
  }
}
