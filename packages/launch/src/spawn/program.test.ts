import { expect, test } from 'vitest'
import { check } from '@ctr/syscall'
import { command, execute } from './command.ts'
import { spawnProgram } from './program.ts'

const executed = command('true', [], { env: { PATH: '/a:/b/::' } })

test('a name is looked for in each directory of PATH, and the last refusal is the one that counts', () => {
  const program = execute(executed)
  expect(program.map(({ args }) => args[0])).toEqual(['/a/true', '/b//true', 'true', 'true'])
  expect(program.map(({ allow }) => allow?.includes('ENOENT') ?? false)).toEqual([true, true, true, false])
})

test('what needs rights comes first, then the user, then what a change of user would take back', () => {
  const names = spawnProgram(executed, {
    detached: true, affinity: [0], nice: 1, scheduler: { policy: 'SCHED_OTHER' }, ioPriority: { class: 'IOPRIO_CLASS_IDLE' }, rlimits: { RLIMIT_CORE: 0 }, umask: 0, cwd: '/', uid: 1, gid: 1, parentDeathSignal: 'SIGTERM',
  }, 17).map(({ name }) => name)
  expect(names.slice(0, -4)).toEqual(['setsid', 'sched_setaffinity', 'setpriority', 'sched_setattr', 'ioprio_set', 'prlimit64', 'umask', 'chdir', 'setgroups', 'setresgid', 'setresuid', 'prctl', 'getppid'])
})

test('in a new PID namespace no parent has a PID', () => {
  expect(spawnProgram(executed, { namespaces: ['CLONE_NEWPID'], parentDeathSignal: 'SIGTERM' }, 17).map(({ name }) => name)).not.toContain('getppid')
})

test('a session and a group of another do not go together', () => {
  expect(() => spawnProgram(executed, { detached: true, processGroup: 1 }, 17)).toThrow(TypeError)
})

test('check finds nothing', () => expect(check(spawnProgram(executed, { uid: 1, gid: 1, terminal: { columns: 80, rows: 24 } }, 17))).toEqual([]))
