import { children, start, status, until } from '../src/fixtures/world.ts'
import type { InitOptions } from '../src/options.ts'
import { command, idle, orphans, payloadOf, recording, script, under, type Name } from './inits.ts'

/** One row: something that happens to an init, and what can be seen then. */
export interface Case {
  readonly what: string
  /** What is to be seen: with each, or with all alike. */
  readonly expect: string | Readonly<Record<Name, string>>
  readonly observe: (name: Name) => Promise<string>
}

const SIGKILL = 9, SIGUSR1 = 10, SIGTERM = 15, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGTSTP = 20, SIGTTOU = 22
const stops = [SIGSTOP, SIGTSTP, 21, SIGTTOU]
const numbers = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** `1-3, 5`: the numbers of signals, or none. */
export function ranges(signals: readonly number[]): string {
  const runs: [number, number][] = []
  for (const signal of [...new Set(signals)].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last && last[1] === signal - 1) last[1] = signal
    else runs.push([signal, signal])
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ') || 'none'
}

async function record(name: Name) {
  const running = under(name, [recording()])
  await running.prints('ready\n')
  const init = running.init()
  return { running, init, seen: (): number[] => [...running.bytes().subarray('ready\n'.length)] }
}

/** Exits with a payload's status: "exits 3". */
async function ends(name: Name, argv: readonly string[], options?: Parameters<typeof under>[2]): Promise<string> {
  return `exits ${await under(name, argv, options).ended}`
}

const shell = (script: string): string[] => ['sh', '-c', script]
const alive = (pid: number): boolean => { try { return !/^[ZX]/.test(status(pid, 'State')) } catch { return false } }
const rest = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

/** Whether something comes true in time: what never does is waited for to the end. */
async function within(millis: number, condition: () => boolean): Promise<boolean> {
  for (const end = performance.now() + millis; performance.now() < end; await rest(10)) if (condition()) return true
  return condition()
}

export const cases: readonly Case[] = [
  {
    what: 'signals sent one by one that do not reach the payload',
    expect: { tini: '4-8, 11, 31', 'dumb-init': 'none', catatonit: '4-8, 11, 31', ours: 'none' },
    async observe(name) {
      const { running, init, seen } = await record(name)
      // 32 and 33 are the C library's own. 64 arrives with everyone, and is taken last: what was sent before it has arrived by then.
      const sent = numbers(1, 63).filter((n) => ![SIGKILL, SIGTERM, SIGCHLD, 32, 33, ...stops].includes(n))
      for (const [i, signal] of sent.entries()) {
        process.kill(init, signal)
        await idle(init)
        process.kill(init, 64)
        await until('signal 64', () => seen().filter((n) => n === 64).length === i + 1)
      }
      process.kill(init, SIGTERM)
      await running.ended
      return ranges(sent.filter((n) => !seen().includes(n)))
    },
  },
  {
    what: 'of 100 signals 40, 41 and 42 each, in a burst, arrive',
    expect: '300',
    async observe(name) {
      const { running, init, seen } = await record(name)
      for (let i = 0; i < 100; i++) for (const signal of [40, 41, 42]) process.kill(init, signal)
      const arrived = (): number => seen().filter((n) => n >= 40 && n <= 42).length
      await within(20_000, () => arrived() === 300)
      process.kill(init, SIGTERM)
      await running.ended
      return String(arrived())
    },
  },
  {
    what: 'SIGTSTP: the payload is',
    expect: { tini: 'stopped', 'dumb-init': 'stopped', catatonit: 'running', ours: 'stopped' },
    async observe(name) {
      const running = under(name, shell('echo ready; exec sleep 60'))
      await running.prints('ready\n')
      const init = running.init()
      const payload = await payloadOf(init)
      process.kill(init, SIGTSTP)
      await idle(init)
      return (await within(4000, () => /^T/.test(status(payload, 'State')))) ? 'stopped' : 'running'
    },
  },
  {
    what: 'SIGCONT: a stopped payload is',
    expect: 'running',
    async observe(name) {
      const { init } = await record(name)
      const payload = await payloadOf(init)
      process.kill(payload, SIGSTOP)
      await until('a stopped payload', () => /^T/.test(status(payload, 'State')))
      process.kill(init, SIGCONT)
      return (await within(20_000, () => !/^T/.test(status(payload, 'State')))) ? 'running' : 'stopped'
    },
  },
  {
    what: 'a payload that stops itself is waited for, and then',
    expect: 'exits 4',
    async observe(name) {
      const running = under(name, shell('echo ready; kill -STOP $$; exit 4'))
      await running.prints('ready\n')
      const payload = await payloadOf(running.init())
      await until('a stopped payload', () => /^T/.test(status(payload, 'State')))
      process.kill(payload, SIGCONT)
      return `exits ${await running.ended}`
    },
  },
  {
    what: 'the payload leads',
    expect: { tini: 'a process group', 'dumb-init': 'a session', catatonit: 'a process group', ours: 'a session' },
    async observe(name) {
      const running = under(name, shell('read pid comm state ppid pgrp session rest < /proc/self/stat; echo $pid $pgrp $session'))
      await running.ended
      const [pid, pgrp, session] = running.text().trim().split(' ')
      return pid === session ? 'a session' : pid === pgrp ? 'a process group' : 'nothing'
    },
  },
  ...([[{}, 'SIGUSR1 reaches a child of the payload', { tini: 'no', 'dumb-init': 'yes', catatonit: 'no', ours: 'no' }], [{ group: true }, 'the same, where the group is asked for', 'yes']] as const).map(([options, what, expect]): Case => ({
    what,
    expect,
    async observe(name) {
      const running = under(name, shell('trap : USR1; sh -c "trap \'echo child\' USR1; echo ready; while :; do sleep 0.02; done" & while :; do wait; done'), options)
      await running.prints('ready\n')
      const init = running.init()
      process.kill(init, SIGUSR1)
      return (await within(4000, () => running.text().includes('child'))) ? 'yes' : 'no'
    },
  })),
  {
    what: 'two SIGTERM: the payload gets',
    expect: '2',
    async observe(name) {
      const running = under(name, shell('trap "echo one" TERM; echo ready; while :; do sleep 0.02; done'))
      await running.prints('ready\n')
      process.kill(running.init(), SIGTERM)
      const got = (): number => running.text().split('one').length - 1
      await until('one', () => got() === 1)
      process.kill(running.init(), SIGTERM)
      await within(20_000, () => got() === 2)
      return String(got())
    },
  },
  ...([[{} as InitOptions, 'SIGTERM that the payload ignores', 'it runs on'], [{ graceSeconds: 1 }, 'the same, where a grace period is asked for', { tini: 'it runs on', 'dumb-init': 'it runs on', catatonit: 'it runs on', ours: 'exits 137' }]] as const).map(([options, what, expect]): Case => ({
    what,
    expect,
    async observe(name) {
      const running = under(name, shell('trap "" TERM; echo ready; while :; do sleep 0.05; done'), options)
      await running.prints('ready\n')
      process.kill(running.init(), SIGTERM)
      return Promise.race([running.ended.then((status) => `exits ${status}`), rest(name === 'ours' && options.graceSeconds ? 10_000 : 1500).then(() => 'it runs on')])
    },
  })),
  {
    what: '10,000 orphans: zombies that stay',
    expect: '0',
    async observe(name) {
      const running = under(name, [orphans(10_000)])
      // Four at a time, on a machine that has other work too.
      if (!(await within(90_000, () => running.text().includes('done\n')))) return 'not all in 90 s'
      const init = running.init()
      const dead = (): number => children(init).filter((pid) => !alive(pid)).length
      await until('no zombies', () => dead() === 0)
      return String(children(init).length - 1)
    },
  },
  {
    what: 'exit statuses from 0 to 255 that are not handed on',
    expect: 'none',
    async observe(name) {
      const running = start([...shell('i=0; while [ $i -lt 256 ]; do "$@" sh -c "exit $i" 2>/dev/null; [ $? = $i ] || echo $i; i=$((i+1)); done'), 'sh', ...command(name)])
      await running.ended
      return running.text().trim().split('\n').join(' ') || 'none'
    },
  },
  {
    what: 'signals that kill the payload, and are not handed on as 128 and their number',
    expect: 'none',
    async observe(name) {
      const script = 'ulimit -c 0; for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 24 25 26 27 29 30 31 34 64; do "$@" sh -c "kill -$n \\$\\$" 2>/dev/null; [ $? = $((128 + n)) ] || echo $n; done'
      const running = start([...shell(script), 'sh', ...command(name)])
      await running.ended
      return running.text().trim().split('\n').join(' ') || 'none'
    },
  },
  { what: 'a command that is not there (ENOENT)', expect: { tini: 'exits 127', 'dumb-init': 'exits 2', catatonit: 'exits 1', ours: 'exits 127' }, observe: (name) => ends(name, ['/no/such/command']) },
  { what: 'a file that is not executable (EACCES)', expect: { tini: 'exits 126', 'dumb-init': 'exits 2', catatonit: 'exits 1', ours: 'exits 126' }, observe: (name) => ends(name, ['/etc/passwd']) },
  { what: 'a directory (EACCES)', expect: { tini: 'exits 126', 'dumb-init': 'exits 2', catatonit: 'exits 1', ours: 'exits 126' }, observe: (name) => ends(name, ['/etc']) },
  { what: 'an executable text without #! (ENOEXEC)', expect: 'exits 3', observe: (name) => ends(name, [script()]) },
  { what: 'an empty name', expect: { tini: 'exits 127', 'dumb-init': 'exits 2', catatonit: 'exits 1', ours: 'exits 127' }, observe: (name) => ends(name, ['']) },
  { what: 'no command', expect: { tini: 'exits 1', 'dumb-init': 'exits 1', catatonit: 'exits 1', ours: 'exits 125' }, observe: (name) => ends(name, []) },
  { what: 'stdin closed: the payload', expect: { tini: 'exits 1', 'dumb-init': 'exits 3', catatonit: 'exits 3', ours: 'exits 3' }, observe: (name) => ends(name, shell('exit 3'), { before: [...shell('exec "$@" <&-'), 'sh'] }) },
  { what: 'SIGCHLD ignored when it is started, a payload that exits with 7', expect: 'exits 7', observe: (name) => ends(name, shell('exit 7'), { before: [...shell('trap "" CHLD; exec "$@"'), 'sh'] }) },
  { what: 'a child from before it was executed, which ends first, and a payload that exits with 7', expect: 'exits 7', observe: (name) => ends(name, shell('sleep 0.2; exit 7'), { before: [...shell('(sleep 0.1; exit 9) & exec "$@"'), 'sh'] }) },
  {
    what: 'SIGUSR1 ignored when it is started: the payload',
    expect: { tini: 'ignores it', 'dumb-init': 'does not', catatonit: 'ignores it', ours: 'ignores it' },
    async observe(name) {
      const running = under(name, ['grep', '^SigIgn', '/proc/self/status'], { before: [...shell('trap "" USR1; exec "$@"'), 'sh'] })
      await running.ended
      return (mask(running.text(), 'SigIgn') & 1n << 9n) !== 0n ? 'ignores it' : 'does not'
    },
  },
  {
    what: 'SIGUSR1 blocked when it is started: in the payload it is',
    expect: { tini: 'blocked', 'dumb-init': 'not blocked', catatonit: 'blocked', ours: 'not blocked' },
    async observe(name) {
      const running = under(name, ['grep', '^SigBlk', '/proc/self/status'], { before: ['env', '--block-signal=USR1'] })
      await running.ended
      return (mask(running.text(), 'SigBlk') & 1n << 9n) !== 0n ? 'blocked' : 'not blocked'
    },
  },
  {
    what: 'an orphan that outlives the payload, where init is not PID 1',
    expect: { tini: 'exits 5, the orphan lives on', 'dumb-init': 'exits 5, the orphan gets SIGTERM', catatonit: 'exits 5, the orphan lives on', ours: 'exits 5, the orphan lives on' },
    async observe(name) {
      const ready = `${script()}.${name}`
      // It ends by itself after a while, so that nothing is left of the test.
      const orphan = `trap 'echo SIGTERM; exit' TERM; : > ${ready}; n=0; while [ $n -lt 20 ]; do sleep 0.05; n=$((n+1)); done; echo lived on`
      const running = start([...command(name), ...shell(`sh -c "${orphan.replaceAll('$', '\\$')}" & until [ -e ${ready} ]; do sleep 0.01; done; exit 5`)])
      const status = await running.ended
      return `exits ${status}, the orphan ${running.text().includes('SIGTERM') ? 'gets SIGTERM' : running.text().includes('lived on') ? 'lives on' : `: ${running.text()}`}`
    },
  },
]

const mask = (text: string, name: string): bigint => BigInt(`0x${new RegExp(`${name}:\\s*(\\w+)`).exec(text)?.[1] ?? 0}`)
