// What is a process, to everybody else on the machine?
// See proc(5), execve(2). Needs no privilege.
// Prints the calls that start one, what its directory in /proc says, and that the directory ends with it.
import { existsSync } from 'node:fs'
import { launch } from '@ctr/launch'
import { procfs } from '@ctr/procfs'
import { explain, numbers, sys } from '@ctr/syscall'

const program = [
  sys.chdir('/usr', 'a working directory belongs to the process'),
  sys.execve('/bin/sleep', ['sleep', '60'], ['COLOUR=blue'], 'from here on the process is this program'),
]
console.log(explain(program).join('\n'))

await using sleep = await launch(program)
const directory = `/proc/${sleep.pid}`
console.log(`\nA process is a directory: ${directory}`)

const seen = procfs().pid(sleep.pid)
const sleeps = () => { const now = seen.syscall(); return now.kind === 'syscall' && now.number === numbers.clock_nanosleep[process.arch === 'arm64' ? 1 : 0] }
while (!sleeps()) await new Promise((resolve) => setTimeout(resolve, 10)) // in execve it has no arguments yet, and then files of its libraries open
console.log('its parent is us     ', seen.stat().ppid === process.pid)
console.log('its user is ours     ', seen.status().uid.real === process.getuid?.())
console.log('its arguments        ', JSON.stringify(seen.cmdline()))
console.log('its environment      ', JSON.stringify(seen.environ()))
console.log('its working directory', seen.cwd())
console.log('its open files       ', JSON.stringify(seen.fd().map(({ fd }) => fd)))

sleep.kill('SIGTERM')
const { signal, status } = await sleep.exited
console.log(`\nIt was ended by ${signal}: status ${status} for a shell. Is ${directory} still there? ${existsSync(directory)}`)
