import type { Machine } from '@ctr/elf'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { recorder, stage } from './fixtures/programs.ts'
import { asPid1, cannotRun, children, endAll, folder, noNamespace, run, start, status, until } from './fixtures/world.ts'
import { initElf } from './init.ts'
import type { InitOptions } from './options.ts'

const files = folder()
afterAll(files.remove)
afterEach(endAll)

const here = process.arch === 'arm64' ? 'arm64' : 'x64'

/** The stage executes init by a file name alone: an emulated one needs a script around it. */
function executable(machine: Machine, options: InitOptions): string {
  const init = run(machine, files.program('init', initElf({ machine, ...options })))
  return init.length === 1 ? init[0]! : files.program('script', new TextEncoder().encode(`#!/bin/sh\nexec ${init.join(' ')}\n`))
}

for (const machine of ['x64', 'arm64'] as const) {
  const reason = cannotRun(machine) || cannotRun(here) || noNamespace

  const adopt = (command: string[], { late = false, ...options }: InitOptions & { late?: boolean } = {}) => {
    return start([...asPid1, files.program('stage', stage(here, { late })), executable(machine, options), ...command])
  }

  describe.skipIf(reason)(`${machine}: a child that runs already${reason ? `: ${reason}` : ''}`, () => {
    test.each([0, 7])('exits with %i, as it does', async (code) => {
      expect(await adopt(['/bin/sh', '-c', `exit ${code}`]).ended).toBe(code)
    })

    test('exits with 128 and its signal', async () => {
      expect(await adopt(['/bin/sh', '-c', 'kill -KILL $$']).ended).toBe(137)
    })

    test('it may be gone before init starts', async () => {
      expect(await adopt(['/bin/sh', '-c', 'exit 6'], { late: true }).ended).toBe(6)
    })

    test.each([false, true])('gets every forwardable signal (group: %s)', async (group) => {
      const running = adopt([files.program('recorder', recorder(here))], { group })
      await running.prints('ready\n')
      await until('init', () => status(running.init(), 'Name') === 'init')
      const signals = [1, 2, 3, 10, 12, 14, 18, 28, 34, 64, 15]
      for (const [i, signal] of signals.entries()) {
        process.kill(running.init(), signal)
        await until(`signal ${signal}`, () => running.bytes().length === 6 + i + 1)
      }
      expect(await running.ended).toBe(15)
      expect([...running.bytes().subarray(6)]).toEqual(signals)
    })

    test('is stopped and continued', async () => {
      const running = adopt([files.program('recorder', recorder(here))])
      await running.prints('ready\n')
      await until('init', () => status(running.init(), 'Name') === 'init')
      const payload = children(running.init())[0]!
      process.kill(running.init(), 'SIGTSTP')
      await until('a stopped payload', () => status(payload, 'State').startsWith('T'))
      process.kill(running.init(), 'SIGCONT')
      await until('a running payload', () => !status(payload, 'State').startsWith('T'))
    })

    test('orphans are reaped beside it', async () => {
      const orphans = 'i=0; while [ $i -lt 300 ]; do ( : & ); i=$((i+1)); done; n=0; while [ $n -lt 500 ] && cat /proc/[0-9]*/stat 2>/dev/null | grep -q ") Z "; do sleep 0.02; n=$((n+1)); done; cat /proc/[0-9]*/stat 2>/dev/null | grep -c ") Z "; exit 4'
      const running = adopt(['/bin/sh', '-c', orphans])
      expect([await running.ended, running.text()]).toEqual([4, '0\n'])
    })
  })
}

describe.skipIf(cannotRun(here))('what is not a child of ours', () => {
  test('is refused', async () => {
    const init = files.program('init', initElf({ machine: here }))
    const running = start(['sh', '-c', 'exec 3</dev/null; exec "$0"', init])
    expect([await running.ended, running.text()]).toEqual([125, 'init: no command, and no child as descriptor 3: EBADF\n'])
  })
})
