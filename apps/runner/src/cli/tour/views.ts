import { spawnSync } from 'node:child_process'
import { find } from '../../containers.ts'
import { top } from '../../control.ts'
import { exec } from '../../exec.ts'
import type { RunningContainer } from '../../running-container.ts'
import type { Narrator } from './narrator.ts'
import { namespacesOf } from './observe.ts'

/** How processes are listed: by ps and, where there is none, by what ps reads. */
function lister(): { readonly inside: readonly string[]; readonly outside: (pids: readonly number[]) => readonly string[] } {
  if (spawnSync('ps', ['-p', '1']).error === undefined) return { inside: ['ps', '-eo', 'pid,ppid,user,args'], outside: (pids) => ['ps', '-o', 'pid,ppid,user,args', '-p', pids.join(',')] }
  return { inside: ['sh', '-c', 'grep . /proc/[0-9]*/comm'], outside: (pids) => ['grep', '.', ...pids.map((pid) => `/proc/${pid}/comm`)] }
}

/** What a command inside a container prints. */
export async function inside(name: string, args: readonly string[]): Promise<string> {
  const process = await exec(find(name), { args })
  const [text] = await Promise.all([collect(process.stdout), collect(process.stderr), process.exited])
  return text
}

export async function collect(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = ''
  for await (const chunk of stream ?? []) text += String(chunk)
  return text
}

/** The same processes twice: as the container sees them, and as the host does. */
export async function bothViews(container: RunningContainer, narrator: Narrator): Promise<number[]> {
  const { cyan } = narrator.colours
  const list = lister()
  await narrator.say('Inside, it is alone on the computer:')
  await narrator.show(`ctrun exec ${container.name} ${list.inside.map((word) => (/^[\w,.-]+$/.test(word) ? word : `'${word}'`)).join(' ')}`, cyan(await inside(container.name, list.inside)))
  const processes = [...top(find(container.name))].sort((a, b) => a.pid - b.pid)
  const pids = processes.map(({ pid }) => pid)
  await narrator.say('Outside, these are ordinary processes, with other numbers:')
  const [program = '', ...args] = list.outside(pids)
  await narrator.show([program, ...args].join(' '), spawnSync(program, args, { encoding: 'utf8' }).stdout)
  for (const { pid, pidInside, command } of processes) await narrator.line(`PID ${pid} here is PID ${pidInside} inside: ${command.join(' ')}`, 0.1)
  const orphan = processes.find(({ command }) => command[1] === '1111')
  if (orphan?.ppid === container.pid) await narrator.line(`${orphan.command.join(' ')} lost its parent; PID 1 adopted it: its PPID here is ${orphan.ppid}`)
  return pids
}

/** Each namespace of the container beside the host's: the same, or another. */
export async function compareNamespaces(container: RunningContainer, narrator: Narrator): Promise<void> {
  const { green, yellow, dim } = narrator.colours
  const ours = namespacesOf('self')
  await narrator.line(dim(`${'kind'.padEnd(8)}${'host'.padEnd(22)}   container`))
  for (const [kind, theirs] of namespacesOf(container.pid)) {
    const own = ours.get(kind) !== theirs
    await narrator.line(`${kind.padEnd(8)}${dim((ours.get(kind) ?? '').padEnd(22))} ${own ? green('≠') : yellow('=')} ${own ? green(theirs) : yellow(`${theirs}  shared`)}`, 0.1)
  }
}
