// What happens to a shell that may have one child and wants two?
// See Documentation/admin-guide/cgroup-v2.rst PID, fork(2) EAGAIN. Needs root and the pids controller.
// Prints the calls, what a shell says in a group with pids.max = 2, what the kernel answers to a program, and how often it did.
import { cgroups, create, deleteGroup, group, joinCalls, kill, limitWrites, procs, stat } from '@ctr/cgroup'
import { launch } from '@ctr/launch'
import { explain, sys, type SyscallError } from '@ctr/syscall'

const limits = { pidsMax: 2 }
const layout = cgroups()
const pair = create(group(layout, `/ctr-example-${process.pid}`, { controllers: ['pids'] }), { limits })
try {
  for (const { file, value } of limitWrites(layout, limits)) console.log(`${value} is written to ${file}`)
  const env = ['PATH=/usr/bin:/bin']
  const program = [...joinCalls(pair), sys.execve('/bin/sh', ['sh', '-c', 'sleep 60 & echo one; sleep 60 & echo two'], env, 'a shell and two children are three')]
  console.log(`${explain(program).join('\n')}\n`)

  const shell = await launch(program, { stdio: ['ignore', 'inherit', 1] })
  console.log('\nThe shell has given up:', (await shell.exited).code !== 0)
  console.log('and its one child is there:', procs(pair).length === 1)

  console.log('\nSomebody else joins, which is never refused, and forks:')
  await launch([sys.execve('/bin/true', ['true'], [], 'the child')], { stage: joinCalls(pair) }).catch((error: SyscallError) => console.log(error.message))
  console.log('The kernel has counted what it refused:', stat(pair).pids!.refused! >= 2)
} finally {
  await kill(pair)
  await deleteGroup(pair)
}
