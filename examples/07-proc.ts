// Why does a container mount /proc, when there is one already?
// See pid_namespaces(7) /proc and PID namespaces. Needs root.
// Prints the calls, then what ps would find: with the /proc of the machine, and with one of its own.
import { launch, planFor } from '@ctr/launch'
import { privatePropagation } from '@ctr/rootfs'
import { explain, sys } from '@ctr/syscall'

const script = 'set -- /proc/[0-9]*; read self me rest </proc/self/stat; read one first rest </proc/1/stat;' +
  'echo "I am PID $$. /proc says that I am $self $me, that PID 1 is $first, and that there are $# processes."'
const shell = sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'a program that looks into /proc')
const inherited = [...privatePropagation(), shell]
const own = [...privatePropagation(), sys.mount('proc', '/proc', 'proc', ['MS_NOSUID', 'MS_NODEV', 'MS_NOEXEC'], null, 'a procfs shows the PID namespace of whoever mounted it'), shell]

for (const program of [inherited, own]) {
  const options = { namespaces: ['CLONE_NEWPID', 'CLONE_NEWNS'] } as const
  const plan = planFor(program, options)
  const lines = explain(plan.program, { open: plan.open })
  console.log(lines.slice(plan.program.findIndex(({ name }) => name === 'clone3')).join('\n'))
  await (await launch(program, options)).exited
  console.log()
}
