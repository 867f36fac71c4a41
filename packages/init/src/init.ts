import { assembler, elf, type Machine } from '@ctr/elf'
import { adopt, adoptText } from './adopt.ts'
import { execText, exec } from './search.ts'
import { failed, refuse, say, sayText } from './fail.ts'
import { deliver } from './forward.ts'
import { settle, type InitOptions } from './options.ts'
import { exit, exitText, reap } from './reap.ts'
import { rewriteTable, signals } from './signals.ts'
import { spawn, spawnText } from './spawn.ts'
import { start, startText } from './start.ts'

/**
 * Writes PID 1: an executable that starts a command, forwards signals, reaps, and exits as the command did.
 *
 * Executed as `init COMMAND [ARG…]` it starts the command. Executed without a command it takes over a child that runs
 * already, whose pidfd is descriptor 3. The same options give the same bytes.
 *
 * @param options how it behaves; written into its code
 * @returns the bytes of a static ELF executable, under 8 KiB
 * @throws {TypeError} when an option is not one of its values
 * @throws {RangeError} when `graceSeconds` is out of its range
 * @see pid_namespaces(7), signal(7), waitid(2)
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs'
 * import { initElf } from '@ctr/init'
 *
 * writeFileSync('/tmp/init', initElf(), { mode: 0o755 })
 * ```
 */
export function initElf(options: InitOptions = {}): Uint8Array {
  const settled = settle(options)
  const machine = options.machine ?? (process.arch as Machine)
  const a = assembler(machine)

  start(a, settled)
  adopt(a)
  reap(a)
  signals(a, settled)
  exit(a)
  deliver(a, settled)
  spawn(a, settled)
  exec(a)
  failed(a)
  refuse(a)
  say(a)

  for (const text of [startText, adoptText, exitText, spawnText, execText, sayText]) text(a)
  rewriteTable(a, settled)
  return elf({ machine, code: a.code() })
}
