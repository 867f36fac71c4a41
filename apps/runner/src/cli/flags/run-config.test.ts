import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkMisplaced } from './misplaced.ts'
import { parseFlags } from './parse.ts'
import { runConfig } from './run-config.ts'
import { runFlags } from './run-flags.ts'

const directory = mkdtempSync(join(tmpdir(), 'ctrun-flags-'))
afterAll(() => rmSync(directory, { recursive: true }))

const parse = (argv: readonly string[]) => parseFlags(runFlags, argv, { command: 'run', stopAtOperand: true })
const config = (...argv: string[]) => runConfig(parse(argv))

test('nothing is said that was not asked for', () => {
  expect(config('host', 'ls', '-l')).toEqual({ rootfs: 'host', args: ['ls', '-l'], remove: false })
})

test('everything at once', () => {
  expect(config('--rm', '-it', '--init', '--name', 'web', '-h', 'box', '-w', '/srv', '-u', '1:2', '--entrypoint', 'sh', '--stop-signal', 'int', '--stop-timeout', '3', '--read-only', '--network', 'host', '--pid', 'host',
    '--ipc', 'host', '--uts', 'host', '--security-opt', 'no-new-privileges', '--cap-add', 'NET_ADMIN,SYS_PTRACE', '--cap-drop', 'ALL', '--ulimit', 'nofile=1024:2048', '--ulimit', 'core=-1', '-v', '/a:/b:ro', '--tmpfs', '/t:size=64m,mode=1777,noexec',
    '--mount', 'type=bind,src=/c,dst=/d,readonly', '-m', '64m', '--memory-swap', '-1', '--cpus', '0.5', '--cpu-shares', '512', '--cpuset-cpus', '0-1', '--pids-limit', '50', '-e', 'A=1', 'host', '-c', 'id')).toEqual({
    rootfs: 'host', args: ['sh', '-c', 'id'], remove: true, tty: true, init: true, name: 'web', hostname: 'box', cwd: '/srv', user: '1:2', stopSignal: 'SIGINT', stopTimeoutSeconds: 3, readOnly: true, network: 'host', pid: 'host', ipc: 'host', uts: 'host',
    noNewPrivileges: true, capAdd: ['NET_ADMIN', 'SYS_PTRACE'], capDrop: ['ALL'], ulimits: { nofile: [1024, 2048], core: ['unlimited', 'unlimited'] }, env: { A: '1' },
    mounts: [{ type: 'bind', source: '/a', target: '/b', readOnly: true }, { type: 'tmpfs', target: '/t', sizeBytes: 67108864, mode: 0o1777, options: ['noexec'] }, { type: 'bind', source: '/c', target: '/d', readOnly: true }],
    limits: { memoryBytes: 67108864, memorySwapBytes: 'max', cpus: 0.5, cpuShares: 512, cpusetCpus: '0-1', pidsMax: 50 },
  })
})

test('paths are meant from here', () => {
  expect(config(directory, 'ls').rootfs).toBe(directory)
  expect(config('.', 'ls').rootfs).toBe(process.cwd())
  expect(config('-v', './src:/src', 'host', 'ls').mounts).toEqual([{ type: 'bind', source: join(process.cwd(), 'src'), target: '/src' }])
})

test('explain is told of itself', () => {
  expect(() => runConfig(parse([]), 'explain')).toThrow('explain needs an IMAGE and a command')
})

test('variables: a file, then -e, and ours by name', () => {
  const file = join(directory, 'vars')
  writeFileSync(file, '# comment\n\nA=from file\nB=b=b\r\n  C=c\nHOME_THAT_IS_NOT\n')
  process.env['CTRUN_TEST'] = 'ours'
  expect(config('--env-file', file, '-e', 'A=later', '-e', 'CTRUN_TEST', '-e', 'NOT_THERE', 'host', 'ls').env).toEqual({ A: 'later', B: 'b=b', C: 'c', CTRUN_TEST: 'ours' })
  delete process.env['CTRUN_TEST']
})

test.each<[string[], string]>([
  [[], 'run needs an IMAGE and a command'],
  [['host'], 'run needs a command: a directory has no default one'],
  [['hots', 'ls'], 'there is no directory "hots"'],
  [['alpine:3.20', 'ls'], 'there is no image or directory "alpine:3.20"'],
  [['/no/such/place', 'ls'], 'IMAGE /no/such/place does not exist'],
  [['/etc/passwd', 'ls'], 'IMAGE "/etc/passwd" is a file, not a directory'],
  [['-m', '20x', 'host', 'ls'], '--memory "20x" is not a size'],
  [['-m', '0', 'host', 'ls'], '--memory 0 is nothing at all'],
  [['--cpus', 'two', 'host', 'ls'], '--cpus "two" is not a number of CPUs, 0.01 or more'],
  [['--cpus', '-1', 'host', 'ls'], '--cpus "-1" is not a number of CPUs, 0.01 or more'],
  [['--pids-limit', '1.5', 'host', 'ls'], '--pids-limit "1.5" is not a whole number, -1 or more'],
  [['--stop-signal', 'TREM', 'host', 'ls'], '--stop-signal "TREM" is not a signal'],
  [['--network', 'bridge', 'host', 'ls'], '--network "bridge" is not none or host'],
  [['--pid', 'container:x', 'host', 'ls'], '--pid "container:x" is not private or host'],
  [['--security-opt', 'apparmor=x', 'host', 'ls'], '--security-opt "apparmor=x" is not supported'],
  [['--security-opt', 'seccomp=/nonexistent', 'host', 'ls'], '--security-opt seccomp=/nonexistent cannot be read: it does not exist'],
  [['--security-opt', 'seccomp=/dev/null', 'host', 'ls'], '--security-opt seccomp=/dev/null cannot be read: Unexpected end of JSON input'],
  [['--ulimit', 'nofile', 'host', 'ls'], '--ulimit "nofile" is not a limit'],
  [['--ulimit', 'nofile=2:1', 'host', 'ls'], '--ulimit nofile=2:1: the soft limit is above the hard one'],
  [['-v', 'data:/data', 'host', 'ls'], '-v "data:/data": named volumes do not exist here'],
  [['-v', '/data', 'host', 'ls'], '-v "/data": volumes without a source do not exist here'],
  [['-v', '/a:b', 'host', 'ls'], '-v "/a:b": the place inside the container must be absolute, not "b"'],
  [['-v', '/a:/', 'host', 'ls'], '-v "/a:/": nothing can be mounted on /'],
  [['-v', '/a:/b:rx', 'host', 'ls'], '-v "/a:/b:rx": unknown option "rx"'],
  [['--tmpfs', '/t:size=lots', 'host', 'ls'], '--tmpfs "/t:size=lots": "lots" is not a size'],
  [['--mount', 'type=volume,dst=/x', 'host', 'ls'], '--mount "type=volume,dst=/x": the type is "volume"'],
  [['--mount', 'type=bind,dst=/x', 'host', 'ls'], '--mount "type=bind,dst=/x": a bind mount needs src='],
  [['--mount', 'type=bind,from=/y', 'host', 'ls'], '--mount "type=bind,from=/y": unknown part "from"'],
  [['--env-file', '/no/such/file', 'host', 'ls'], '--env-file /no/such/file cannot be read: it does not exist'],
  [['-e', '=x', 'host', 'ls'], '-e "=x": "" cannot be the name of a variable'],
])('%j is refused in one sentence', (argv, message) => {
  expect(() => config(...argv)).toThrow(expect.objectContaining({ name: 'UsageError', message }))
})

test('a NUL in a file of variables', () => {
  const file = join(directory, 'nul')
  writeFileSync(file, 'A=x\0y\n')
  expect(() => config('--env-file', file, 'host', 'ls')).toThrow('the variable A has a NUL byte in it')
})

test.each<[string[], string | undefined]>([
  [['--rm', 'host', '-it', 'sh'], 'ctrun run --rm -it host sh'],
  [['host', '--memory', '20m', 'sh', '-c', 'a b'], 'ctrun run --memory 20m host sh -c \'a b\''],
  [['host', '-v', '/a:/b', 'ls'], 'ctrun run -v /a:/b host ls'],
  [['host', '-m20m', 'ls'], 'ctrun run -m20m host ls'],
  [['--', 'host', '--rm', 'ls'], undefined],
  [['host', '--', '--rm'], undefined],
  [['host', 'ls', '--rm'], undefined],
])('%j: flags go before the image', (argv, corrected) => {
  const check = () => checkMisplaced(parse(argv), runFlags, 'run')
  if (corrected === undefined) expect(check()).toBeUndefined()
  else expect(check).toThrow(expect.objectContaining({ message: expect.stringContaining('flags go before the image'), fix: [corrected] }))
})
