import { explain, type Program } from '@ctr/syscall'
import type { ContainerConfig } from '../config.ts'
import { container, containerPlan, type Container } from '../container.ts'
import { readFacts } from '../read-facts.ts'
import { rootMountPoint } from '../store.ts'
import type { Colours } from './colour.ts'
import type { Plan } from '@ctr/launch'
import type { Arguments } from './flags/flag.ts'
import { explainStartFailure } from './errors/start-failure.ts'
import { outColours, print } from './output.ts'

/** Prints what `run` would do. Nothing is made, and nothing needs a privilege. */
export async function explainRun(config: ContainerConfig, args: Arguments): Promise<number> {
  const named = { ...config, name: config.name ?? 'example' }
  let planned: Container
  try {
    planned = container(named, readFacts(named, rootMountPoint(named.name)))
  } catch (error) {
    throw explainStartFailure(error, named, args, named.name)
  }
  const plan = containerPlan(planned)
  print(args.has('json') ? explainJson(planned, plan) : explainText(planned, plan, outColours()))
  return 0
}

/** The directories and files that are written before anything runs. */
function cgroupPart({ group, limits }: Container): { readonly directories: string[]; readonly writes: { readonly path: string; readonly value: string }[] } {
  const place = (controller: string) => group.places.find((each) => each.controllers.includes(controller)) ?? group.places.find(({ version }) => version === 2)
  return {
    directories: group.places.map(({ directory }) => directory),
    writes: limits.map(({ controller, file, value }) => ({ path: `${place(controller)?.directory ?? '?'}/${file}`, value })),
  }
}

/** One line a call, in strace's notation, numbered as errors and --step number them. */
export function explainText(planned: Container, plan: Plan, { bold, dim }: Colours): string {
  const { directories, writes } = cgroupPart(planned)
  const clone = plan.program.findIndex((call) => call.name === 'clone3')
  const lines = explain(plan.program, { open: plan.open, brief: true })
  const numbered = (from: number, to: number) => lines.slice(from, to).map((line, i) => `${dim(String(from + i + 1).padStart(4))}  ${line}`)
  const sections = [
    [`ctrun, before anything runs: a cgroup of its own in ${directories.length} ${directories.length === 1 ? 'hierarchy' : 'hierarchies'}`, ...directories.map((path) => `      mkdir ${path}`), ...writes.map(({ path, value }) => `      echo ${value} > ${path}`)],
    ['the first process, in the host\'s namespaces', ...numbered(0, clone + 1)],
    ['the container: from here on a new process in new namespaces', ...numbered(clone + 1, lines.length)],
    ...plan.forks.map(({ program, open }, i) => [otherSide(i), ...explain(program as Program, { open, brief: true }).map((line) => `      ${line}`)]),
  ]
  return sections.map(([title = '', ...rest]) => [bold(`# ${title}`), ...rest].join('\n')).join('\n\n') + '\n'
}

function otherSide(index: number): string {
  return index === 0 ? 'the other side of the first clone3: it waits for our end, and undoes everything if we die first' : 'the other side of the second clone3: PID 1 becomes init'
}

/** Every program in it can be read back by `parse` of @ctr/syscall, once it is written as text again. */
export function explainJson(planned: Container, { program, open, forks }: Plan): string {
  return JSON.stringify({ v: 1, name: planned.name, cgroup: cgroupPart(planned), open, program, forks }, null, 1) + '\n'
}
