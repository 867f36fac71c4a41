// Can processes be stopped without noticing it, all at once?
// See Documentation/admin-guide/cgroup-v2.rst cgroup.freeze, cgroup-v1/freezer-subsystem.rst. Needs root and a freezer.
// Prints the calls, then whether two busy loops run before they are frozen, meanwhile, and afterwards, and what they saw of it.
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { cgroups, create, deleteGroup, freeze, frozen, group, joinCalls, kill, procs, thaw } from '@ctr/cgroup'
import { launch } from '@ctr/launch'
import { procfs } from '@ctr/procfs'
import { explain, sys } from '@ctr/syscall'

const busy = create(group(cgroups(), `/ctr-example-${process.pid}`, { controllers: ['freezer'] }))
try {
  const script = 'trap "echo it saw SIGCONT" CONT; (while :; do :; done) & while :; do :; done'
  const program = [...joinCalls(busy), sys.execve('/bin/sh', ['sh', '-c', script], [], 'two processes that compute')]
  console.log(`${explain(program).join('\n')}\n`)

  await using loops = await launch(program, { stdio: ['ignore', 'pipe', 'inherit'] })
  while (procs(busy).length < 2) await setTimeout(10)
  const ticks = () => procs(busy).map((pid) => procfs().pid(pid).stat()).reduce((sum, { utimeTicks, stimeTicks }) => sum + utimeTicks + stimeTicks, 0)
  const runs = async () => {
    const before = ticks()
    for (let i = 0; i < 40; i++) {
      await setTimeout(50)
      if (ticks() > before) return true
    }
    return false
  }
  console.log('they run:', await runs())
  await freeze(busy)
  console.log('frozen:', frozen(busy), '- they run:', await runs())
  await thaw(busy)
  console.log('thawed:', !frozen(busy), '- they run:', await runs(), '- it has seen nothing of it. But SIGSTOP and SIGCONT:')
  process.kill(loops.pid, 'SIGSTOP'), process.kill(loops.pid, 'SIGCONT')
  console.log(String((await once(loops.stdout!, 'data'))[0]).trim())
} finally {
  await kill(busy)
  await deleteGroup(busy)
}
