// Who can find a message queue that a process has made?
// See ipc_namespaces(7), mq_overview(7) Mounting the message queue filesystem. Needs root.
// Prints the calls, then which queues are seen in the same IPC namespace, in another, and on the machine.
import { launch } from '@ctr/launch'
import { join, unshare } from '@ctr/ns'
import { privatePropagation } from '@ctr/rootfs'
import { explain, sys, type Program } from '@ctr/syscall'

const view = [
  ...unshare(['mnt']),
  ...privatePropagation(),
  sys.mount('mqueue', '/mnt', 'mqueue', [], null, 'queues are files of a file system, one for each IPC namespace'),
]
const maker = [
  ...unshare(['ipc']),
  ...view,
  sys.openat('AT_FDCWD', '/mnt/jobs', ['O_RDWR', 'O_CREAT', 'O_EXCL'], 0o600, { as: 'jobs', why: 'mq_open(3) does the same to a queue /jobs' }),
  sys.execve('/bin/sleep', ['sleep', '60'], [], 'a namespace lasts as long as somebody is in it'),
]
console.log(explain(maker).join('\n'))
await using box = await launch(maker)

const list = sys.execve('/bin/ls', ['ls', '-x', '/mnt'], [], 'a program that looks for queues')
const show = async (where: string, program: Program) => {
  console.log(`\n# ${where}\n${explain(program).join('\n')}\nqueues:`)
  await (await launch(program, { pass: { box: box.pidfd } })).exited
}
await show('in the same IPC namespace', [...join({ pidfd: { fd: 'box' }, kinds: ['ipc'] }), ...view, list])
await show('in another one', [...unshare(['ipc']), ...view, list])
