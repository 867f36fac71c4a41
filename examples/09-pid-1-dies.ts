// What is special about PID 1, and what happens to the others when it dies?
// See pid_namespaces(7) The namespace init process. Needs root.
// Prints the calls, then what SIGTERM and SIGKILL do to PID 1, to its children, and to whoever wants to be next.
import { closeSync, openSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { launch, planFor } from '@ctr/launch'
import { join } from '@ctr/ns'
import { procfs } from '@ctr/procfs'
import { explain, sys, type SyscallError } from '@ctr/syscall'

const program = [sys.execve('/bin/sh', ['sh', '-c', 'sleep 60 & sleep 60 & exec sleep 60'], ['PATH=/usr/bin:/bin'], 'three processes, the first of them PID 1')]
const options = { namespaces: ['CLONE_NEWPID'] } as const
const { program: all, open } = planFor(program, options)
console.log(explain(all, { open }).slice(-3).join('\n'))

await using box = await launch(program, options)
const children = procfs().pid(box.pid)
while (children.children().length < 2 || children.comm() !== 'sleep') await setTimeout(10)
const [first, second] = children.children()

process.kill(box.pid, 'SIGTERM')
process.kill(first!, 'SIGTERM')
while (procfs().pid(first!).stat().state !== 'Z') await setTimeout(10)
console.log(`\nSIGTERM ends its child ${first}, and not PID 1, which has no handler for it: ${box.pid} is there.`)

const namespace = openSync(`/proc/${box.pid}/ns/pid`, 'r') // it is kept, without anybody in it
box.kill('SIGKILL')
const { signal } = await box.exited
console.log(`Only from outside, ${signal} ends it. Its children end with it: ${procfs().pids().includes(second!) ? 'no' : 'yes'}`)

const next = launch([sys.execve('/bin/true', ['true'], [], 'somebody new')], { pass: { namespace }, stage: join({ fds: { pid: { fd: 'namespace' } } }) })
await next.catch((error: SyscallError) => console.log(`A namespace that had its PID 1 takes nobody any more: ${error.call.name} gives ${error.code}`))
closeSync(namespace)
