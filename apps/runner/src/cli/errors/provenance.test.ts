import { expect, test } from 'vitest'
import type { Syscall } from '@ctr/syscall'
import { capabilities } from '@ctr/caps'
import { detect } from '@ctr/cgroup'
import type { ContainerConfig } from '../../config.ts'
import { container, containerPlan } from '../../container.ts'
import type { Facts } from '../../facts.ts'
import { parseFlags } from '../flags/parse.ts'
import { runConfig } from '../flags/run-config.ts'
import { runFlags } from '../flags/run-flags.ts'
import { originOfCall, originOfLimit, originOfRefusal } from './provenance.ts'

const cgroups = detect({ mountinfo: '30 1 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw', self: '0::/', controllers: '', unified: 'cpuset cpu memory pids' })
const facts: Facts = {
  at: '/run/ctrun/c/root', cgroups, machine: 'x64', kernel: '6.1.0', lastCap: 40, bounding: capabilities, masked: [], readOnlyPaths: [], passwd: 'root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\n', group: '',
  sources: { '/a': 'directory', '/b': 'directory' }, inherited: { nice: 0, policy: 0, oomScoreAdj: 0, mayRaiseLimits: true, rlimits: {} },
}

const parse = (argv: readonly string[]) => parseFlags(runFlags, argv, { command: 'run', stopAtOperand: true })
const programOf = (config: ContainerConfig) => containerPlan(container({ name: 'c', ...config }, facts)).program
const key = (call: Syscall) => JSON.stringify([call.name, call.args])

/** Other flags around the one that is looked at. */
const others = ['--rm', '-v', '/b:/mnt/b', '-e', 'X=1']

test.each([
  [['-v', '/a:/data'], '-v /a:/data'], [['-v', '/a:/data:ro'], '-v /a:/data:ro'], [['--tmpfs', '/t:size=1m'], '--tmpfs /t:size=1m'], [['--mount', 'type=tmpfs,dst=/t'], '--mount type=tmpfs,dst=/t'],
  [['--read-only'], '--read-only'], [['-w', '/srv'], '-w /srv'], [['-u', '1000:1000'], '-u 1000:1000'], [['-h', 'box'], '-h box'], [['--init'], '--init'], [['-t'], '-t'],
  [['--ulimit', 'nofile=64'], '--ulimit nofile=64'], [['--cap-drop', 'CHOWN'], '--cap-drop CHOWN'], [['--security-opt', 'no-new-privileges'], '--security-opt no-new-privileges'],
  [['--network', 'host'], '--network host'], [['--ipc', 'host'], '--ipc host'], [['--pid', 'host'], '--pid host'],
])('every call that %j adds says so', (flags, text) => {
  const args = parse([...others, ...flags, 'host', '/bin/true'])
  const config = runConfig(args)
  const before = new Set(programOf(runConfig(parse([...others, 'host', '/bin/true']))).map(key))
  const added = programOf(config).filter((call) => !before.has(key(call)) && call.name !== 'execve')
  expect(added.length).toBeGreaterThan(0)
  for (const call of added) expect([key(call), originOfCall(call, args, config, facts)]).toEqual([key(call), text])
})

test('what no flag adds comes from none, and execve from the command', () => {
  const args = parse([...others, 'host', '/bin/true'])
  const config = runConfig(args)
  const program = programOf(config)
  expect(originOfCall(program.find(({ name }) => name === 'pivot_root')!, args, config, facts)).toBeUndefined()
  expect(originOfCall(program.at(-1)!, args, config, facts)).toBe('COMMAND /bin/true')
})

test.each([[['-m', '64m'], 'memory.max', '-m 64m'], [['--pids-limit', '5'], 'pids.max', '--pids-limit 5'], [['--cpus', '2'], 'cpu.max', '--cpus 2']])('%j writes %s', (flags, file, text) => {
  expect(originOfLimit(file, parse([...others, ...flags, 'host', 'true']), cgroups)).toBe(text)
})

test('the flag without which a configuration would be in order', () => {
  const args = parse(['-m', '64m', '-u', 'nobody-here', 'host', 'true'])
  expect(originOfRefusal(args, (config) => container({ name: 'c', ...config }, facts))).toBe('-u nobody-here')
})
