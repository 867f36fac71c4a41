// What does a container miss whose PID 1 is an ordinary program?
// See pid_namespaces(7), signal(7), wait(2). Needs root.
// Prints the calls, then what becomes of an orphan and of SIGTERM: with sleep as PID 1, and with an init before it.
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { initElf } from '@ctr/init'
import { launch } from '@ctr/launch'
import { hostPid, procfs } from '@ctr/procfs'
import { explain, sys } from '@ctr/syscall'

const directory = mkdtempSync(`${tmpdir()}/ctr-example-`)
const init = `${directory}/init`
writeFileSync(init, initElf(), { mode: 0o755 })
const script = '(sleep 0.1 & echo $!); exec sleep 60' // the first sleep is an orphan at once
const proc = procfs()
try {
  for (const call of [
    sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'PID 1 starts an orphan, and becomes a sleep'),
    sys.execve(init, ['init', 'sh', '-c', script], ['PATH=/usr/bin:/bin'], `PID 1 has ${statSync(init).size} bytes, and starts what PID 1 was before`),
  ]) {
    console.log(explain([call]).join('\n'))
    await using box = await launch([call], { namespaces: ['CLONE_NEWPID'], stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(box.stdout!, 'data')
    const orphan = hostPid(proc, { namespace: box.pid, pid: Number(line) })
    const state = () => proc.processes().find(({ pid }) => pid === orphan)?.state
    while (!['Z', undefined].includes(state())) await setTimeout(10)
    for (let i = 0; i < 200 && state(); i++) await setTimeout(10)
    const zombie = state() === 'Z'
    console.log(`The orphan has ended${zombie ? ' and stays a zombie for as long as the container runs' : ', and is gone'}.`)
    box.kill('SIGTERM')
    const exit = await Promise.race([box.exited, setTimeout(2000, undefined, { ref: false })])
    console.log(exit ? `SIGTERM reaches the program: status ${exit.status}.` : 'SIGTERM does nothing.')
    console.log()
  }
} finally {
  rmSync(directory, { recursive: true })
}
