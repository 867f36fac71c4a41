// How does a second program get into a container that is running?
// See setns(2), pidfd_open(2), nsenter(1). Needs root.
// Prints the calls, then what the second program sees, and which namespaces it shares with the first and with us.
import { once } from 'node:events'
import { launch } from '@ctr/launch'
import { cloneFlags, hostname, join, kinds, readAll, sameNamespace, type Kind } from '@ctr/ns'
import { privatePropagation } from '@ctr/rootfs'
import { explain, sys } from '@ctr/syscall'

const own: readonly Kind[] = ['mnt', 'uts', 'pid', 'net']
const first = [
  ...privatePropagation(),
  sys.mount('proc', '/proc', 'proc', [], null, 'it should see its processes, not ours'),
  ...hostname('box'),
  sys.execve('/bin/sleep', ['sleep', '60'], [], 'the program of the container'),
]
await using box = await launch(first, { namespaces: cloneFlags(own) })

const stage = join({ pidfd: { fd: 'box' }, kinds: own })
const script = 'echo I am $$ on $(cat /proc/sys/kernel/hostname), and there is $(cat /proc/1/comm); exec sleep 60'
const second = [sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'a program that looks around')]
console.log(`${explain(stage, { open: { control: 3, box: 4 } }).join('\n')}\nclone3(…), for only children are in a PID namespace\n${explain(second).join('\n')}\n`)

await using joined = await launch(second, { stage, pass: { box: box.pidfd }, stdio: ['ignore', 'pipe', 'inherit'] })
const [line] = await once(joined.stdout!, 'data')
console.log(String(line).trim())
const [there, here] = [readAll(box.pid), readAll('self')]
for (const kind of kinds) {
  const ns = readAll(joined.pid)[kind]!
  console.log(kind.padEnd(7), sameNamespace(ns, there[kind]!) ? 'of the first' : 'of its own  ', sameNamespace(ns, here[kind]!) ? 'and ours' : '')
}
