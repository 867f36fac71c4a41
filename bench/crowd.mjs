import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'

const pids = () => readdirSync('/proc').filter((name) => name > '0' && name < ':').length

/** So many processes that sleep, in a process group of their own. Returns what ends them all. */
export async function crowd(count) {
  const before = pids()
  const shell = spawn('bash', ['-c', `for ((i = 0; i < ${count}; i++)); do sleep 3600 & done; echo ready; read`], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  await once(shell.stdout, 'data')
  return async () => {
    const exited = once(shell, 'exit')
    process.kill(-shell.pid, 'SIGKILL')
    shell.stdout.destroy()
    await exited
    // They are reaped by PID 1, which may take its time.
    for (let i = 0; i < 100 && pids() > before + 10; i++) await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
