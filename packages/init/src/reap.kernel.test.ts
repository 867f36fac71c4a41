import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { asPid1, cannotRun, children, endAll, folder, noNamespace, run, start, status, until } from './fixtures/world.ts'
import { initElf } from './init.ts'

const files = folder()
afterAll(files.remove)
afterEach(endAll)

// Zombies as seen inside: the state is the field behind the parenthesis (proc_pid_stat(5)).
const zombies = 'cat /proc/[0-9]*/stat 2>/dev/null | grep -c ") Z "'

for (const machine of ['x64', 'arm64'] as const) {
  const reason = cannotRun(machine) || noNamespace
  const count = reason || process.arch === machine ? 1000 : 100
  describe.skipIf(reason)(`${machine}${reason ? `: ${reason}` : ''}`, () => {
    const init = run(machine, files.program(`init-${machine}`, initElf({ machine })))

    test(`reaps ${count} orphans`, async () => {
      const orphans = `i=0; while [ $i -lt ${count} ]; do ( : & ); i=$((i+1)); done`
      const check = `n=0; while [ $n -lt 500 ] && [ "$(${zombies})" != 0 ]; do sleep 0.02; n=$((n+1)); done; ${zombies}`
      const process = start([...asPid1, ...init, 'sh', '-c', `${orphans}; ${check}; exit 5`])
      expect([await process.ended, process.text()]).toEqual([5, '0\n'])
    })

    test('reaps all that exited while it was stopped, with one SIGCHLD for all of them', async () => {
      const orphans = 'i=0; while [ $i -lt 200 ]; do ( : & ); i=$((i+1)); done'
      const process_ = start([...asPid1, ...init, 'sh', '-c', `echo ready; kill -STOP $$; ${orphans}; echo done; sleep 60`])
      await process_.prints('ready')
      const pid = process_.init()
      const payload = children(pid)[0]!
      await until('a stopped payload', () => status(payload, 'State').startsWith('T'))
      process.kill(pid, 'SIGSTOP')
      await until('a stopped init', () => status(pid, 'State').startsWith('T'))
      process.kill(payload, 'SIGCONT')
      await process_.prints('done')
      await until('200 zombies', () => dead(pid) === 200)
      process.kill(pid, 'SIGCONT')
      await until('no zombies', () => dead(pid) === 0)
      expect(children(pid)).toEqual([payload])
    })

    test('the payload among many that exited is found, and its status kept', async () => {
      const orphans = 'i=0; while [ $i -lt 50 ]; do ( : & ); i=$((i+1)); done'
      const process_ = start([...asPid1, ...init, 'sh', '-c', `echo ready; kill -STOP $$; ${orphans}; exit 9`])
      await process_.prints('ready')
      const pid = process_.init()
      const payload = children(pid)[0]!
      await until('a stopped payload', () => status(payload, 'State').startsWith('T'))
      process.kill(pid, 'SIGSTOP')
      process.kill(payload, 'SIGCONT')
      await until('a zombie payload', () => status(payload, 'State').startsWith('Z'))
      process.kill(pid, 'SIGCONT')
      expect(await process_.ended).toBe(9)
    })
  })
}

const here = process.arch === 'arm64' ? 'arm64' : 'x64'
const reason = cannotRun(here)
describe.skipIf(reason)(`resources${reason ? `: ${reason}` : ''}`, () => {
  test('three pages are resident, or four, and nothing is open but what was', async () => {
    const init = files.program('init-here', initElf({ machine: here }))
    const process = start([init, 'sh', '-c', 'echo ready; sleep 60'])
    await process.prints('ready')
    const pageKilobytes = Number(execFileSync('getconf', ['PAGESIZE'])) / 1024
    expect(Number.parseInt(status(process.pid, 'VmRSS'))).toBeLessThanOrEqual(4 * pageKilobytes)
    const plain = start(['sh', '-c', 'echo ready; sleep 60'])
    await plain.prints('ready')
    expect(readdirSync(`/proc/${process.pid}/fd`)).toEqual(readdirSync(`/proc/${plain.pid}/fd`))
    const maps = readFileSync(`/proc/${process.pid}/maps`, 'utf8')
    expect(maps).not.toMatch(/^\S+ .wx/m)
  })

  test('subreaper: orphans come to it although it is not PID 1', async () => {
    const init = files.program('subreaper', initElf({ machine: here, subreaper: true }))
    // Waits until its parent, whose PID is $1, is gone. All of the pipe's writers have ended when cat does.
    const orphan = 'until ! grep -q "^PPid:.$1\\$" /proc/$$/status; do sleep 0.01; done; grep PPid /proc/$$/status'
    const parent = `sh -c '${orphan}' orphan $$ &`
    const process = start([init, 'sh', '-c', 'sh -c "$1" | cat; echo "PPid:\t$PPID"', 'sh', parent])
    expect(await process.ended).toBe(0)
    expect(process.text()).toBe(`PPid:\t${process.pid}\n`.repeat(2))
  })
})

/** How many of a process's children are zombies. */
function dead(pid: number): number {
  return children(pid).filter((child) => {
    try {
      return status(child, 'State').startsWith('Z')
    } catch {
      return false // reaped in between
    }
  }).length
}
