// Which clock can be another one inside?
// See time_namespaces(7), clock_gettime(2). Needs root.
// Prints the calls, then how long the machine has been up, and what time it is, for a program inside compared with us.
import { uptime } from 'node:os'
import { text } from 'node:stream/consumers'
import { launch } from '@ctr/launch'
import { unshare } from '@ctr/ns'
import { explain, sys } from '@ctr/syscall'

const days = 1000
const stage = [
  ...unshare(['time']),
  sys.openat('AT_FDCWD', '/proc/self/timens_offsets', ['O_WRONLY', 'O_CLOEXEC'], 0, { as: 'offsets', why: 'only while nobody is in it can a time namespace be set' }),
  sys.write({ fd: 'offsets' }, `boottime ${days * 24 * 60 * 60} 0\nmonotonic 0 0\n`, 'the clocks that count from the boot can be shifted, and only those'),
  sys.close({ fd: 'offsets' }, 'it is set'),
]
const program = [sys.execve('/bin/sh', ['sh', '-c', 'cat /proc/uptime; date +%s'], ['PATH=/usr/bin:/bin'], 'a program that asks for the time')]
console.log(explain(stage).join('\n'))
console.log(`clone3(…), for unshare moves the children only\n${explain(program).join('\n')}\n`)

await using box = await launch(program, { stage, stdio: ['ignore', 'pipe', 'inherit'] })
const [up, now] = (await text(box.stdout!)).split('\n').map((line) => Number(line.split(' ')[0]))
console.log('days that the machine has been up longer, inside:', Math.round((up! - uptime()) / 86_400))
console.log('days that are between its date and ours:         ', Math.round((now! - Date.now() / 1000) / 86_400))
