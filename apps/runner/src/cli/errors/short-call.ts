import { explainCall, type Syscall } from '@ctr/syscall'

/** A call for one line: the long lists of execve, and filters, are counted, not shown. */
export function shortCall(call: Syscall): string {
  if (call.name !== 'execve') return explainCall(call, undefined, { brief: true })
  const [path, argv, env] = call.args as readonly [string, readonly string[], readonly string[]]
  return `execve(${JSON.stringify(path)}, [${argv.length} args], [${env.length} vars])`
}
