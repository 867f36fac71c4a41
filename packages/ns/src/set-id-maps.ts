import { readFileSync, writeFileSync } from 'node:fs'
import { idMapCommands, mayWriteIdMaps, type IdMapCommand, type MapWriter } from './id-map-commands.ts'
import type { IdMaps } from './id-maps.ts'
import { readBack, writeIdMaps } from './write-id-maps.ts'

/** CAP_SETGID and CAP_SETUID: linux/capability.h */
const needed = 1n << 6n | 1n << 7n

/** Who the calling process is, as far as ID maps go. */
function caller(): MapWriter {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`)
  return { uid: process.geteuid!(), gid: process.getegid!(), privileged: (effective & needed) === needed }
}

/** Why a command could not be run, or what it said. */
export interface IdMapCommandError extends Error {
  readonly command: IdMapCommand
  /** `ENOENT` where there is no such command, otherwise its exit status. */
  readonly code: string | number
  readonly hint: string
}

/**
 * The process's user namespace has these ID maps, and they were read back: written by the caller where it may, otherwise by
 * newuidmap(1) and newgidmap(1), which are looked for along PATH.
 *
 * Hold the process at a checkpoint meanwhile, so that its PID stays its own; where the caller is not privileged, it must be dumpable
 * there (prctl(2), PR_SET_DUMPABLE), or its files in /proc are root's.
 *
 * @throws IdMapCommandError one of the two is not installed, or refuses: the range is not the caller's in /etc/subuid or /etc/subgid
 * @throws SyscallError EPERM: the maps were written before
 * @throws RangeError the kernel would refuse a map
 */
export async function setIdMaps(pid: number, maps: IdMaps, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
  const commands = idMapCommands(pid, maps)
  if (mayWriteIdMaps(maps, caller())) return writeIdMaps(pid, maps)
  if (maps.setgroups !== undefined) writeFileSync(`/proc/${pid}/setgroups`, maps.setgroups)
  for (const command of commands) await run(command, signal)
  readBack(pid, maps)
}

async function run(command: IdMapCommand, signal: AbortSignal | undefined): Promise<void> {
  // Most who load this may write maps themselves.
  const { execFile } = await import('node:child_process')
  try {
    // Not promisify of node:util: with all of that, Node 24 loads its differ and opens standard error, which leaves a shared pipe non-blocking.
    await new Promise<void>((resolve, reject) => {
      execFile(command.file, [...command.args], { signal, env: { ...process.env, LC_ALL: 'C' } }, (error, _, stderr) => (error ? reject(Object.assign(error, { stderr })) : resolve()))
    })
  } catch (error) {
    if (signal?.aborted) throw signal.reason
    const { code, stderr } = error as { code: string | number; stderr?: string }
    const table = command.file === 'newuidmap' ? '/etc/subuid' : '/etc/subgid'
    const said = code === 'ENOENT' ? 'there is no such command' : stderr?.trim().split('\n')[0] || `it exits with ${code}`
    const hint = code === 'ENOENT' ? 'install it: the package is called uidmap in Debian and Ubuntu, shadow-utils in Fedora' : `${table} must give these IDs to user ${process.geteuid!()}: usermod --add-sub${command.file === 'newuidmap' ? 'uids' : 'gids'} writes it`
    throw Object.assign(new Error(`${[command.file, ...command.args].join(' ')}: ${said}\n  hint  ${hint}`), { command, code, hint } satisfies Omit<IdMapCommandError, keyof Error>)
  }
}
