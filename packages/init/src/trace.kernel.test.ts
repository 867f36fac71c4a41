import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { cannotRun, folder, runToEnd } from './fixtures/world.ts'
import { initElf } from './init.ts'

const machine = process.arch === 'arm64' ? 'arm64' : 'x64'
const files = folder()
afterAll(files.remove)

const canTrace = spawnSync('strace', ['-o', '/dev/null', 'true'])
const reason = cannotRun(machine) || (canTrace.error || canTrace.status !== 0 ? 'needs strace' : false)

test.skipIf(reason)(`what strace sees is all it does${reason ? `: ${reason}` : ''}`, () => {
  const init = files.program('init', initElf({ machine }))
  const log = files.program('log', new Uint8Array())
  // The payload ends when init sleeps, which it does in rt_sigtimedwait only; at a call, its tracer has it in state t.
  const payload = 'n=0; until grep -q "^State:.S" /proc/$PPID/status || [ $n = 1000 ]; do sleep 0.01; n=$((n+1)); done; exit 3'
  const { status } = runToEnd('strace', '-o', log, '-e', 'signal=none', init, 'sh', '-c', payload)
  expect(status).toBe(3)
  const lines = readFileSync(log, 'utf8').trim().split('\n')
  // Numbers differ from run to run, and strace explains times that are not zero.
  const varying = /pid=\d+|(?<=flags=SIGCHLD\) )= \d+$|si_[us]time=\d+(?: \/\* [\d.]+ s \*\/)?/g
  expect(lines.slice(1).map((line) => line.replaceAll(/\s+=/g, ' =').replaceAll(varying, '*'))).toEqual([
    'rt_sigprocmask(SIG_SETMASK, ~[], NULL, 8) = 0',
    'rt_sigaction(SIGCHLD, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=SA_NOCLDSTOP}, NULL, 8) = 0',
    'prctl(PR_SET_NAME, "init") = 0',
    'clone(child_stack=NULL, flags=SIGCHLD) *',
    'waitid(P_ALL, 0, {}, WNOHANG|WEXITED|__WALL, NULL) = 0',
    'rt_sigtimedwait(~[], {si_signo=SIGCHLD, si_code=CLD_EXITED, si_*, si_uid=0, si_status=3, *, *}, NULL, 8) = 17 (SIGCHLD)',
    'waitid(P_ALL, 0, {si_signo=SIGCHLD, si_code=CLD_EXITED, si_*, si_uid=0, si_status=3, *, *}, WNOHANG|WEXITED|__WALL, NULL) = 0',
    'exit_group(3) = ?',
    '+++ exited with 3 +++',
  ])
})
