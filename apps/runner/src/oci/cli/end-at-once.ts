import { loadKoffi } from '@ctr/syscall/koffi'

/**
 * The process will end as soon as it exits, behind what is to be done then. Node's own end waits for threads and takes memory apart: 4 ms that
 * the kernel does not need. For a command that has started a process, and left no terminal changed, which Node would put back.
 *
 * @see _exit(2); ResetStdio in node/src/node.cc
 */
export function endAtOnce(): void {
  // Profiles and coverage are written by Node's own end.
  if (process.execArgv.length > 0 || process.env['NODE_OPTIONS'] || process.env['NODE_V8_COVERAGE']) return
  const end = loadKoffi().load(null).func('void _exit(int)')
  process.on('exit', (code) => { end(code) })
}
