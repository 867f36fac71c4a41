import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerConfig } from '../../config.ts'
import { find, groupOf } from '../../containers.ts'
import type { RunningContainer } from '../../running-container.ts'
import { start } from '../../start.ts'
import { run } from '../../run.ts'
import { deathOf } from '../death.ts'
import type { Narrator } from './narrator.ts'
import { collect } from './views.ts'

const processes = 4
const megabytes = 20
const cpus = 0.2

/** Limits are of the group, and every child is born into it. */
export async function showMembers({ name }: RunningContainer, narrator: Narrator): Promise<void> {
  const { places } = groupOf(find(name).state)
  const place = places.find(({ controllers }) => controllers.includes('pids'))
  if (!place) return
  const file = `${place.directory}/${place.version === 1 ? 'tasks' : 'cgroup.procs'}`
  await narrator.say('Its processes are in one control group, as children are born into that of their parent:')
  await narrator.show(`cat ${file}`, readFileSync(file, 'utf8').trim().split('\n').join(' '))
}

/** Three limits, each of them hit. */
export async function hitLimits(name: string, narrator: Narrator): Promise<void> {
  await hitProcessLimit(`${name}-pids`, narrator)
  await hitMemoryLimit(`${name}-memory`, narrator)
  await hitCpuLimit(`${name}-cpu`, narrator)
}

async function hitProcessLimit(name: string, narrator: Narrator): Promise<void> {
  // The outer shell is PID 1 and outlives the one that cannot fork: its group is there to be asked.
  const script = 'sh -c "sleep 60 & sleep 60 & echo 2 more; sleep 60 & echo 3 more"; exec sleep 60'
  const { red, cyan } = narrator.colours
  await narrator.say(`Two shells, and three children, in a container that may have ${processes} processes:`)
  await using container = await start({ rootfs: 'host', args: ['sh', '-c', script], name, limits: { pidsMax: processes } })
  const said = Promise.all([collect(container.stdout), collect(container.stderr)])
  for (let i = 0; i < 100 && (container.stats().pids?.refused ?? 1) === 0; i++) await delay(20)
  // The shell says so after the kernel has.
  await delay(50)
  const { pids } = container.stats()
  container.kill()
  const [out, err] = await said
  await narrator.show(`ctrun run --pids-limit ${processes} host sh -c '${script}'`, `${cyan(out.trim())}\n${red(err.trim())}`)
  if (pids) await narrator.line(`pids.max ${pids.max}; running ${pids.current}; forks refused ${pids.refused ?? '?'}`)
}

async function hitMemoryLimit(name: string, narrator: Narrator): Promise<void> {
  const { red } = narrator.colours
  await narrator.say(`A process that wants more than its ${megabytes} MiB (tail keeps a last line that never ends):`)
  const config: ContainerConfig = { rootfs: 'host', args: ['tail', '/dev/zero'], name, limits: { memoryBytes: megabytes * 2 ** 20 } }
  const outcome = await run(config)
  await narrator.show(`ctrun run --memory ${megabytes}m host tail /dev/zero; echo $?`, `${red(deathOf(outcome) ?? 'it was not killed')}\n${outcome.exitCode}`)
}

async function hitCpuLimit(name: string, narrator: Narrator): Promise<void> {
  await narrator.say(`Four busy loops that together may have ${cpus} of one CPU: more processes are not more time.`)
  await using container = await start({ rootfs: 'host', args: ['sh', '-c', 'for i in 1 2 3 4; do while :; do :; done & done; wait'], name, limits: { cpus } })
  const before = container.stats().cpu
  const begun = process.hrtime.bigint()
  await delay(1000)
  const after = container.stats().cpu
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9
  if (before?.usageNanos === undefined || after?.usageNanos === undefined) return
  const used = (after.usageNanos - before.usageNanos) / 1e9
  await narrator.line(`in ${seconds.toFixed(2)} s they had ${used.toFixed(2)} s of CPU: ${((used / seconds) * 100).toFixed(0)} %; throttled in ${after.throttledPeriods} of ${after.periods} periods`)
}
