// What is a container?
// See namespaces(7), cgroups(7), pivot_root(2), capabilities(7). Needs root and the memory and pids controllers.
// Prints the calls of a whole container, made of the parts of the examples before, then what it is from inside and outside.
import { existsSync } from 'node:fs'
import { defaultCapabilities, lastCap, limitTo } from '@ctr/caps'
import { cgroups, create, deleteGroup, group, joinCalls, kill, stat } from '@ctr/cgroup'
import { launch, planFor } from '@ctr/launch'
import { cloneFlags, hostname, loopbackUp } from '@ctr/ns'
import { procfs } from '@ctr/procfs'
import { dev, hostRoot, pivotRoot, privatePropagation, proc, sysfs } from '@ctr/rootfs'
import { compile, install } from '@ctr/seccomp'
import { explain, sys, type Machine } from '@ctr/syscall'

const root = { fd: 'root' }
const script = 'touch /here; echo I am $$ on $(cat /proc/sys/kernel/hostname), and see: processes $(cd /proc; echo [0-9]*), network $(ls /sys/class/net); exec sleep 60'
const program = [
  ...privatePropagation(), // 04
  ...hostRoot({ at: '/mnt', as: 'root' }), // 25: the files of the machine, but what is written stays here
  ...proc({ root }), // 07
  ...sysfs({ root }),
  ...dev({ root }),
  ...pivotRoot({ root }), // 06
  ...hostname('box'), // 03
  ...loopbackUp(), // 11
  ...limitTo({ capabilities: defaultCapabilities, lastCap: lastCap(), uid: 0, gid: 0, groups: [], noNewPrivs: true }), // 22, 23
  ...install(compile({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['keyctl', 'ptrace'], action: 'SCMP_ACT_ERRNO' }] }, { machine: process.arch as Machine })), // 24
  sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'what it is all for'),
]
const limited = create(group(cgroups(), `/ctr-example-${process.pid}`, { controllers: ['memory', 'pids'] }), { limits: { memoryBytes: 2 ** 26, pidsMax: 10 } }) // 15 to 20
const options = { namespaces: cloneFlags(['mnt', 'uts', 'pid', 'net', 'ipc', 'cgroup']), stage: joinCalls(limited) } // 03 to 11, 21
const plan = planFor(program, options)
console.log(`${explain(plan.program, { open: plan.open }).join('\n')}\n`)
try {
  await using box = await launch(program, options)
  while (procfs().pid(box.pid).cmdline()[0] !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 10))
  console.log(`From outside it is ${box.pid}, a process like any other: ${procfs().pid(box.pid).cmdline().join(' ')}. Of 10 that there may be, ${stat(limited).pids?.current} are there: it, and who watches it.`)
  console.log('It has written /here. Do we have a /here?', existsSync('/here'))
} finally {
  await kill(limited), await deleteGroup(limited)
}
