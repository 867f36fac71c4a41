// Who sees a mount that is made in a new mount namespace?
// See mount_namespaces(7) Shared subtrees, mount_setattr(2). Needs root.
// Prints the calls, then for each propagation type who sees whose mount: a namespace, its copy, and the machine.
import { launch } from '@ctr/launch'
import { unshare } from '@ctr/ns'
import { procfs } from '@ctr/procfs'
import { privatePropagation, propagation, type OwnPropagation } from '@ctr/rootfs'
import { explain, sys, type Program } from '@ctr/syscall'

const sleep = sys.execve('/bin/sleep', ['sleep', '60'], [], 'a namespace lasts as long as somebody is in it')
const mount = (path: string): Program => [
  sys.mkdirat('AT_FDCWD', path, 0o755, 'a mount needs a directory'),
  sys.mount('tmpfs', path, 'tmpfs', [], null, 'who will see it?'),
]
const original = [
  ...unshare(['mnt']),
  ...privatePropagation(),
  sys.mount('tmpfs', '/mnt', 'tmpfs', [], null, 'the machine keeps its /mnt'),
  ...propagation('shared', '/mnt'),
  sleep,
]
const copy = (kind: OwnPropagation) => [...unshare(['mnt']), ...propagation(kind, '/mnt'), ...mount(`/mnt/${kind}-copy`), sleep]
console.log(explain(original).join('\n'))
console.log(`\nA copy of that namespace, of type slave:\n${explain(copy('slave')).join('\n')}\n`)

const sees = (pid: number, path: string) => (procfs().pid(pid).mountinfo().some(({ mountPoint }) => mountPoint === path) ? 'yes' : 'no').padEnd(12)
await using a = await launch(original)
const inside = { join: { pidfd: a.pidfd, namespaces: ['CLONE_NEWNS'] } } as const
console.log('type       its mount is seen in the   the original\'s mount   either is seen\n           original                   is seen in it          by the machine')
for (const kind of ['shared', 'slave', 'private'] as const) {
  await using b = await launch(copy(kind), inside)
  await (await launch(mount(`/mnt/${kind}-original`), inside)).exited
  const machine = sees(process.pid, `/mnt/${kind}-copy`) + sees(process.pid, `/mnt/${kind}-original`)
  console.log(`${kind.padEnd(11)}${sees(a.pid, `/mnt/${kind}-copy`).padEnd(27)}${sees(b.pid, `/mnt/${kind}-original`).padEnd(23)}${machine.includes('yes') ? 'yes' : 'no'}`)
}
