import { spawnSync } from 'node:child_process'
import type { Machine } from '@ctr/elf'
import { asPid1, cannotRun, children, folder, noNamespace, pending, start, status, until } from '../src/fixtures/world.ts'
import { orphanMaker, recorder } from '../src/fixtures/programs.ts'
import { initElf } from '../src/init.ts'
import type { InitOptions } from '../src/options.ts'

const machine: Machine = process.arch === 'arm64' ? 'arm64' : 'x64'

export const names = ['tini', 'dumb-init', 'catatonit', 'ours'] as const
export type Name = (typeof names)[number]

/** Why an init cannot be looked at here, in words. */
export function cannotCompare(name: Name): string | false {
  const reason = cannotRun(machine) || noNamespace
  if (reason || name === 'ours') return reason
  return spawnSync(name, ['--version']).error ? `needs ${name} (a Debian package of that name)` : false
}

// Made when the first program is: who only reads the table starts nothing, and has nothing to remove.
let made: ReturnType<typeof folder> | undefined
export const files = {
  program: (name: string, image: Uint8Array): string => (made ??= folder()).program(name, image),
  remove: (): void => made?.remove(),
}
const payloads = new Map<string, string>()
const payload = (name: string, image: () => Uint8Array): string => payloads.get(name) ?? (payloads.set(name, files.program(name, image())), payloads.get(name)!)
export const recording = (): string => payload('recorder', () => recorder(machine))
export const orphans = (count: number): string => payload(`orphans-${count}`, () => orphanMaker(machine, count))

/** A shell script that does not say so. */
export const script = (): string => payload('script', () => new TextEncoder().encode('exit 3\n'))

/** The command line of an init, without its payload. `group` and `graceSeconds` where it has the like. */
export function command(name: Name, options: InitOptions = {}): string[] {
  if (name === 'ours') return [payload(JSON.stringify(options).replaceAll(/\W/g, '_'), () => initElf({ machine, ...options }))]
  const group = options.group ? { tini: ['-g'], 'dumb-init': [], catatonit: ['-g'] }[name] : []
  return [name, ...group, '--']
}

/** Starts a payload under an init that is PID 1. */
export function under(name: Name, argv: readonly string[], options: InitOptions & { readonly before?: readonly string[] } = {}) {
  const { before = [], ...rest } = options
  return start([...asPid1, ...before, ...command(name, rest), ...argv])
}

/** Has taken every signal that it was sent, and sleeps again. */
export const idle = (pid: number): Promise<void> => until('an init that has taken its signals', () => pending(pid) === 0n && status(pid, 'State').startsWith('S'))

/** The only child, which is the payload, once it has been executed: until then it has the init's own program. */
export async function payloadOf(init: number): Promise<number> {
  await until('a payload', () => children(init).length > 0)
  return children(init)[0]!
}
