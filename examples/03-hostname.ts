// Who knows by which name a process calls its machine?
// See uts_namespaces(7), sethostname(2). Needs root.
// Prints the calls, the name inside, the name outside, and that these belong to two namespaces.
import { once } from 'node:events'
import { hostname } from 'node:os'
import { launch } from '@ctr/launch'
import * as ns from '@ctr/ns'
import { explain, sys } from '@ctr/syscall'

const before = hostname()
const program = [
  ...ns.unshare(['uts']),
  ...ns.hostname('box'),
  sys.execve('/bin/sh', ['sh', '-c', 'cat /proc/sys/kernel/hostname; exec sleep 60'], ['PATH=/usr/bin:/bin'], 'a program that says where it is'),
]
console.log(explain(program).join('\n'))

await using box = await launch(program, { stdio: ['ignore', 'pipe', 'inherit'] })
const [line] = await once(box.stdout!, 'data')
console.log('\ninside the name is', String(line).trim())
console.log('outside it is as it was:', hostname() === before)

const [inside, outside] = [ns.read(box.pid, 'uts'), ns.read('self', 'uts')]
console.log(`the namespaces are uts:[${inside.inode}] and uts:[${outside.inode}], the same: ${ns.sameNamespace(inside, outside)}`)
console.log('and of the network, which was not unshared, the same:', ns.sameNamespace(ns.read(box.pid, 'net'), ns.read('self', 'net')))
