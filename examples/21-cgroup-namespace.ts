// In which cgroup does a container believe to be?
// See cgroup_namespaces(7). Needs root and the pids controller.
// Prints the calls, then the group of a process as it sees it and as we see it: without a cgroup namespace, and with one.
import { once } from 'node:events'
import { cgroups, create, deleteGroup, group, joinCalls, kill } from '@ctr/cgroup'
import { launch } from '@ctr/launch'
import { unshare } from '@ctr/ns'
import { procfs } from '@ctr/procfs'
import { explain, sys } from '@ctr/syscall'

const jobs = create(group(cgroups(), `/ctr-example-${process.pid}`, { controllers: ['pids'] }))
const script = 'echo $(grep -m 1 -E "^0::|:pids:" /proc/self/cgroup | cut -d : -f 3); exec sleep 60'
const shell = sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'a program that asks where it is')
try {
  for (const program of [[...joinCalls(jobs), shell], [...joinCalls(jobs), ...unshare(['cgroup']), shell]]) {
    console.log(explain(program).join('\n'))
    await using box = await launch(program, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(box.stdout!, 'data')
    console.log(`\nIt believes to be in ${String(line).trim()}`)
    const seen = procfs().pid(box.pid).cgroup().find(({ controllers, hierarchy }) => hierarchy === 0 || controllers.includes('pids'))
    console.log(`and is in ${seen?.path}\n`)
  }
} finally {
  await kill(jobs)
  await deleteGroup(jobs)
}
