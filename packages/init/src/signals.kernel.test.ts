import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { recorder } from './fixtures/programs.ts'
import { asPid1, cannotRun, children, endAll, folder, noNamespace, pending, run, start, status, until } from './fixtures/world.ts'
import { initElf } from './init.ts'
import type { InitOptions } from './options.ts'

const here = process.arch === 'arm64' ? 'arm64' : 'x64'
const files = folder()
afterAll(files.remove)
afterEach(endAll)

const SIGKILL = 9, SIGALRM = 14, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGTSTP = 20, SIGTTOU = 22

async function launch(machine: 'x64' | 'arm64', options: InitOptions, prefix: string[], command?: string[]) {
  const init = run(machine, files.program('init', initElf({ machine, ...options })))
  const process = start([...prefix, ...init, ...(command ?? run(machine, files.program('recorder', recorder(machine))))])
  await process.prints('ready\n')
  return process
}

for (const machine of ['x64', 'arm64'] as const) {
  const reason = cannotRun(machine) || noNamespace
  // qemu-user keeps some real-time signals for itself and does not pass on others.
  const last = machine === here ? 64 : 31
  const forwarded = Array.from({ length: last }, (_, i) => i + 1).filter((n) => ![SIGKILL, SIGTERM, SIGCHLD, SIGSTOP].includes(n) && (n < SIGTSTP || n > SIGTTOU))

  describe.skipIf(reason)(`${machine}, as PID 1${reason ? `: ${reason}` : ''}`, () => {
    test(`forwards every signal up to ${last} that can be, and SIGTERM last`, async () => {
      const running = await launch(machine, {}, asPid1)
      for (const [i, signal] of [...forwarded, SIGTERM].entries()) {
        process.kill(running.init(), signal)
        await until(`signal ${signal}`, () => running.bytes().length === 'ready\n'.length + i + 1)
      }
      expect(await running.ended).toBe(15)
      expect([...running.bytes().subarray(6)]).toEqual([...forwarded, SIGTERM])
    })

    test('forwards a burst: real-time signals all, in order, standard ones at least once', async () => {
      const running = await launch(machine, {}, asPid1)
      const queue = machine === here ? [40, 41, 42] : []
      for (let i = 0; i < 100; i++) for (const signal of [10, ...queue]) process.kill(running.init(), signal)
      const seen = (signal: number) => [...running.bytes().subarray(6)].filter((n) => n === signal).length
      await until('all of them', () => seen(10) > 0 && queue.every((signal) => seen(signal) === 100))
      process.kill(running.init(), SIGTERM)
      expect(await running.ended).toBe(15)
    })

    test('is not ended by any signal but SIGKILL', async () => {
      const running = await launch(machine, {}, asPid1, ['sh', '-c', 'trap "" HUP INT TERM; echo ready; while :; do sleep 1; done'])
      const init = running.init()
      for (const signal of [1, 2, SIGTERM]) process.kill(init, signal)
      await until('an init that has taken them, and waits', () => pending(init) === 0n && status(init, 'State').includes('sleeping'))
      process.kill(running.init(), SIGKILL)
      await running.ended
    })

    test.each([20, 21, 22])('stops the payload on signal %i, and SIGCONT continues it', async (signal) => {
      const running = await launch(machine, {}, asPid1)
      const init = running.init()
      const payload = children(init)[0]!
      process.kill(init, signal)
      await until('a stopped payload', () => status(payload, 'State').startsWith('T'))
      // What it does after it has stopped the payload shows that it is not stopped itself.
      process.kill(init, 10)
      await until('SIGUSR1 for the payload', () => (pending(payload) & 1n << 9n) !== 0n)
      expect(status(init, 'State')).not.toMatch(/^T/)
      process.kill(init, SIGCONT)
      await until('a running payload', () => !status(payload, 'State').startsWith('T'))
      await until('SIGCONT', () => running.bytes().at(-1) === SIGCONT)
      expect([...running.bytes().subarray(6)]).toEqual([10, SIGCONT])
    })
  })
}

const reason = cannotRun(here)
describe.skipIf(reason)(`not as PID 1${reason ? `: ${reason}` : ''}`, () => {
  test('stops itself too, as a shell expects of a job', async () => {
    const running = await launch(here, {}, [])
    const payload = children(running.pid)[0]!
    process.kill(running.pid, SIGTSTP)
    await until('both stopped', () => [running.pid, payload].every((pid) => status(pid, 'State').startsWith('T')))
    process.kill(running.pid, SIGCONT)
    await until('both running', () => [running.pid, payload].every((pid) => !status(pid, 'State').startsWith('T')))
    await until('SIGCONT', () => running.bytes().at(-1) === SIGCONT) // of two pending signals, the lower number comes first
    process.kill(running.pid, SIGTERM)
    expect(await running.ended).toBe(15)
    expect([...running.bytes().subarray(6)]).toEqual([SIGCONT, SIGTERM])
  })

  test('without a session, the payload gets the stop signal as it came', async () => {
    const running = await launch(here, { setsid: false }, [])
    process.kill(running.pid, SIGTTOU)
    await until('SIGTTOU', () => running.bytes().at(-1) === SIGTTOU)
    await until('a stopped init', () => status(running.pid, 'State').startsWith('T'))
    process.kill(running.pid, SIGCONT)
    await until('SIGCONT', () => running.bytes().at(-1) === SIGCONT)
  })

  test('the payload starts with nothing blocked', async () => {
    // The shell's mask is what Node gave it; ignored signals stay ignored, except for SIGCHLD.
    const running = await launch(here, {}, ['sh', '-c', 'trap "" CHLD USR1; exec "$@"', 'sh'], ['sh', '-c', 'grep ^Sig /proc/self/status; echo ready; exit 3'])
    expect(await running.ended).toBe(3)
    const mask = (name: string) => BigInt(`0x${new RegExp(`${name}:\\s*(\\w+)`).exec(running.text())![1]}`)
    expect(mask('SigBlk')).toBe(0n)
    expect(mask('SigIgn') & (1n << 9n)).not.toBe(0n) // SIGUSR1
    expect(mask('SigIgn') & (1n << BigInt(SIGCHLD - 1))).toBe(0n)
  })

  test('it is called init', async () => {
    const running = await launch(here, {}, [])
    expect(status(running.pid, 'Name')).toBe('init')
  })

  const pair = 'trap "wait; echo a; exit 0" TERM; sh -c "trap \'echo b; exit\' TERM; echo ready; while :; do sleep 0.05; done" & while :; do sleep 0.05; done'
  test('group: the whole process group gets the signal', async () => {
    const running = await launch(here, { group: true }, [], ['sh', '-c', pair])
    process.kill(running.pid, SIGTERM)
    expect(await running.ended).toBe(0)
    // sh says "Terminated" about its sleep, on stderr.
    expect(running.text().split('\n').filter((line) => line.length < 6)).toEqual(['ready', 'b', 'a', ''])
  })

  test('otherwise only the payload does', async () => {
    const inner = "trap 'echo b' USR1; trap 'echo c' USR2; echo ready; while :; do sleep 0.05; done"
    const running = await launch(here, {}, [], ['sh', '-c', `trap "echo a" USR1; sh -c "${inner}" & wait; wait; wait`])
    process.kill(running.pid, 10)
    await running.prints('a\n')
    // Of two pending signals, the shell takes the lower number first.
    const payload = children(running.pid)[0]!
    process.kill(children(payload)[0]!, 12) // SIGUSR2
    await running.prints('c\n')
    expect(running.text()).not.toContain('b\n')
    process.kill(-payload, SIGKILL) // its session is its process group
    expect(await running.ended).toBe(128 + SIGKILL)
  })

  test('rewrite: another signal, or none', async () => {
    const running = await launch(here, { rewrite: { SIGUSR1: 'SIGTERM', SIGUSR2: null, SIGHUP: 'SIGINT' } }, [])
    process.kill(running.pid, 12) // SIGUSR2
    process.kill(running.pid, 1) // SIGHUP
    await until('SIGINT', () => running.bytes().at(-1) === 2)
    process.kill(running.pid, 64)
    await until('signal 64', () => running.bytes().at(-1) === 64)
    process.kill(running.pid, 10) // SIGUSR1
    expect(await running.ended).toBe(15)
    expect([...running.bytes().subarray(6)]).toEqual([2, 64, SIGTERM])
  })

  test('graceSeconds: SIGKILL after SIGTERM, not prolonged by another, and SIGALRM still forwarded', async () => {
    const command = ['sh', '-c', 'trap "" TERM; trap "echo alarm" ALRM; echo ready; while :; do sleep 0.1; done']
    const running = await launch(here, { graceSeconds: 1, group: true }, [], command)
    process.kill(running.pid, SIGALRM)
    await running.prints('alarm')
    const begin = performance.now()
    running.send(SIGTERM)
    // If each of them prolonged it, it would never end.
    const again = setInterval(() => running.send(SIGTERM), 300)
    const status = await running.ended.finally(() => clearInterval(again))
    expect(status).toBe(137)
    expect(performance.now() - begin).toBeGreaterThan(1000)
  })

  test('graceSeconds: neither a SIGALRM that is pending when the time is over nor signals without end keep the payload alive', async () => {
    const graceSeconds = 3 // long enough to be stopped in
    const running = await launch(here, { graceSeconds }, [], ['sh', '-c', 'trap "" TERM ALRM HUP; echo ready; while :; do sleep 0.1; done'])
    process.kill(running.pid, SIGTERM)
    await until('an init that has taken it', () => pending(running.pid) === 0n)
    process.kill(running.pid, SIGSTOP)
    await until('a stopped init', () => status(running.pid, 'State').startsWith('T'))
    process.kill(running.pid, SIGALRM)
    await new Promise((resolve) => setTimeout(resolve, graceSeconds * 1000 + 100))
    expect(running.text()).toBe('ready\n')
    const flood = setInterval(() => running.send(1), 0)
    running.send(SIGCONT)
    expect(await running.ended.finally(() => clearInterval(flood))).toBe(137)
  })
})
