// In which cgroup is a process that was started by another?
// See cgroups(7), Documentation/admin-guide/cgroup-v2.rst Processes. Needs root and the pids controller.
// Prints the calls, then what the list of members is each time that a member reads it, and what /proc says of them.
import { cgroups, create, deleteGroup, group, joinCalls, kill, tasks } from '@ctr/cgroup'
import { launch } from '@ctr/launch'
import { procfs } from '@ctr/procfs'
import { explain, sys } from '@ctr/syscall'

const jobs = create(group(cgroups(), `/ctr-example-${process.pid}`, { controllers: ['pids'] }))
try {
  const file = `${jobs.places[0]!.directory}/${jobs.places[0]!.version === 1 ? 'tasks' : 'cgroup.threads'}`
  const script = 'echo I am $$; cat $0; echo; cat $0; sleep 60 & exec sleep 60'
  const program = [...joinCalls(jobs), sys.execve('/bin/sh', ['sh', '-c', script, file], ['PATH=/usr/bin:/bin'], 'a shell that reads twice who is in its group')]
  console.log(`${explain(program).join('\n')}\n`)

  await using shell = await launch(program)
  while (procfs().pid(shell.pid).comm() !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 10))
  const members = tasks(jobs)
  console.log(`\nEach cat was born in the group of its parent. Now there are ${members.length}: ${members.join(' ')}`)
  for (const pid of members) console.log(`/proc/${pid}/cgroup:`, procfs().pid(pid).cgroup().find(({ path }) => path === jobs.path)?.path)
  console.log('and of ourselves, who made the group but are not in it:', procfs().self.cgroup().some(({ path }) => path === jobs.path))
} finally {
  await kill(jobs)
  await deleteGroup(jobs)
}
