// How can a process be PID 1, and have another PID as well?
// See pid_namespaces(7), proc(5) NSpid. Needs root.
// Prints the calls, then the PIDs of two processes as they see them, as we see them, and how one becomes the other.
import { once } from 'node:events'
import { launch, planFor } from '@ctr/launch'
import { hostPid, pidIn, procfs } from '@ctr/procfs'
import { explain, sys } from '@ctr/syscall'

const script = 'sleep 60 & echo $$ $!; wait'
const program = [sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'a shell that tells its PID, and that of its child')]
const options = { namespaces: ['CLONE_NEWPID'], stdio: ['ignore', 'pipe', 'inherit'] } as const
const { program: all, open } = planFor(program, options)
console.log(explain(all, { open }).join('\n'))

await using box = await launch(program, options)
const [line] = await once(box.stdout!, 'data')
const [inside, child] = String(line).trim().split(' ').map(Number)
console.log(`\nThe shell says that it is ${inside}, and its child ${child}. For us it is ${box.pid}.`)

const proc = procfs()
const namespace = proc.pid(box.pid).namespace('pid')!
console.log(`NSpid in /proc/${box.pid}/status has both: ${JSON.stringify(proc.pid(box.pid).status().nspid)}`)
console.log(`${child} in its PID namespace is, for us, its child:`, hostPid(proc, { namespace, pid: child! }) === proc.pid(box.pid).children()[0])
console.log(`${box.pid} of ours is, in its namespace, ${pidIn(proc, box.pid, namespace)}`)
console.log('We have no PID in its namespace:', pidIn(proc, process.pid, namespace))
console.log('Who is in it is one list for both:', JSON.stringify(proc.inNamespace('pid', namespace)) === JSON.stringify([box.pid, ...proc.pid(box.pid).children()]))
