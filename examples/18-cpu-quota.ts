// How does a program run that may use a fifth of a processor?
// See Documentation/admin-guide/cgroup-v2.rst CPU, Documentation/scheduler/sched-bwc.rst. Needs root and the cpu controller.
// Prints the calls and the limit, then how much a busy loop got, and in how many periods it was stopped.
import { setTimeout } from 'node:timers/promises'
import { cgroups, create, deleteGroup, group, joinCalls, kill, limitWrites, stat } from '@ctr/cgroup'
import { launch } from '@ctr/launch'
import { explain, sys } from '@ctr/syscall'

const limits = { cpuQuotaMicros: 20_000, cpuPeriodMicros: 100_000 } // or cpus: 0.2
const layout = cgroups()
const slow = create(group(layout, `/ctr-example-${process.pid}`, { controllers: ['cpu', 'cpuacct'] }), { limits })
try {
  for (const { file, value } of limitWrites(layout, limits)) console.log(`${value} is written to ${file}`)
  const program = [...joinCalls(slow), sys.execve('/bin/sh', ['sh', '-c', 'while :; do :; done'], [], 'a program that never waits for anything')]
  console.log(`${explain(program).join('\n')}\n`)

  const begin = performance.now()
  await launch(program)
  const used = () => stat(slow, ['cpu']).cpu!
  while (used().throttledPeriods! < 10) await setTimeout(50)
  const { usageNanos, throttledPeriods } = used()
  const share = usageNanos! / 1e6 / (performance.now() - begin)
  console.log('It got no more than the fifth that it may have:', share < 0.3)
  console.log('It wanted more, and was stopped in ten periods or more:', throttledPeriods! >= 10)
} finally {
  await kill(slow)
  await deleteGroup(slow)
}
