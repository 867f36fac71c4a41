// Does a process get out of its limits by starting others, or by a group of its own with a higher limit?
// See Documentation/admin-guide/cgroup-v2.rst Top-down Constraint, getrlimit(2). Needs root and the pids controller.
// Prints the calls, then how many of ten processes there can be in a group of 100, and in the same group below one of 5.
import { setTimeout } from 'node:timers/promises'
import { child, cgroups, create, deleteGroup, group, joinCalls, kill, procs, setLimits, stat } from '@ctr/cgroup'
import { launch } from '@ctr/launch'
import { procfs } from '@ctr/procfs'
import { explain, sys } from '@ctr/syscall'

const parent = create(group(cgroups(), `/ctr-example-${process.pid}`, { controllers: ['pids'] }))
const below = create(child(parent, 'below'), { limits: { pidsMax: 100 } })
const members = () => procs(parent, { recursive: true })
const refused = () => (stat(parent).pids?.refused ?? 0) + (stat(below).pids?.refused ?? 0)
try {
  const program = [
    sys.prlimit64(0, 'RLIMIT_NOFILE', { rlim_cur: 64, rlim_max: 64 }, 'a limit that children inherit too, but each has it for itself'),
    ...joinCalls(below),
    sys.execve('/bin/sh', ['sh', '-c', 'for n in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; wait'], ['PATH=/usr/bin:/bin'], 'one process that starts nine others'),
  ]
  console.log(`${explain(program).join('\n')}\n`)

  for (const pidsMax of [100, 5]) {
    setLimits(parent, { pidsMax })
    const shell = await launch(program, { stdio: ['ignore', 'inherit', 'ignore'] })
    while (members().length < 10 && refused() === 0) await setTimeout(20)
    if (refused() > 0) await shell.exited // a shell that cannot fork gives up
    const pids = members()
    const files = procfs().processes((each) => (pids.includes(each.pid) ? [each.limits().RLIMIT_NOFILE?.soft] : [])).flat()
    console.log(`pids.max is ${String(pidsMax).padStart(3)} above, 100 below: ${pids.length <= 5 ? 'no more than 5' : pids.length} processes for all of them together;`)
    console.log(`                               ${files.every((limit) => limit === 64n) ? 64 : files} files for each of them`)
    await kill(parent)
  }
} finally {
  await kill(parent)
  await deleteGroup(parent)
}
