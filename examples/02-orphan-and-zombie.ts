// Who looks after a process whose parent has gone, and after one that has ended but was not waited for?
// See wait(2), prctl(2) PR_SET_CHILD_SUBREAPER. Needs no privilege.
// Prints the calls, an orphan with the parent it got, and a zombie, which no signal can end.
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { launch } from '@ctr/launch'
import { procfs } from '@ctr/procfs'
import { explain, sys } from '@ctr/syscall'

// A shell starts a sleep and ends; its parent starts a second one, and becomes a program that never waits.
const script = 'sh -c "sleep 60 & echo \\$! \\$\\$"; sleep 0.1 & exec sleep 60'
const program = [
  sys.prctl('PR_SET_CHILD_SUBREAPER', 1, 'orphans from below would go to PID 1'),
  sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'a parent that does not care for its children'),
]
console.log(explain(program).join('\n'))

await using parent = await launch(program, { stdio: ['ignore', 'pipe', 'inherit'] })
const [line] = await once(parent.stdout!, 'data')
const [orphan, shell] = String(line).trim().split(' ').map(Number)
const proc = procfs()
const zombies = () => proc.processes().filter(({ ppid, state }) => ppid === parent.pid && state === 'Z').map(({ pid }) => pid)
while (proc.pid(parent.pid).comm() !== 'sleep' || zombies().length === 0) await setTimeout(10)
const [zombie] = zombies()

console.log(`\nThe orphan ${orphan} was started by ${shell}, which has ended. Its parent is ${proc.pid(orphan!).stat().ppid}, and that is the subreaper:`, proc.pid(orphan!).stat().ppid === parent.pid)
console.log(`The zombie ${zombie} was started by ${parent.pid}, which never waits for it. Of it remain a name, ${proc.pid(zombie!).comm()}, and a status.`)
process.kill(zombie!, 'SIGKILL')
await setTimeout(50)
console.log('Its memory, files and links are gone:', proc.pid(zombie!).exe() === undefined, '- SIGKILL cannot end what has ended:', proc.pid(zombie!).stat().state)

parent.kill()
await parent.exited
console.log('With the subreaper gone as well, the orphan has another parent again:', proc.pid(orphan!).stat().ppid !== parent.pid)
process.kill(orphan!)
