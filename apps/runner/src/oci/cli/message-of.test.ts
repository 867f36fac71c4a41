import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ConfigError } from '../config/shape.ts'
import { OciError } from '../oci-error.ts'
import { OciUsageError } from './flags.ts'
import { messageOf } from './message-of.ts'

function thrown(body: () => unknown): unknown {
  try {
    return body()
  } catch (error) {
    return error
  }
}

test.each([
  ['create', new OciError('exec: "x": executable file not found in $PATH'), 'unable to start container process: exec: "x": executable file not found in $PATH'],
  ['exec', new OciError('exec: "x": permission denied'), 'exec failed: unable to start container process: exec: "x": permission denied'],
  ['create', new OciError('error running prestart hook #0: exit status 1'), 'unable to start container process: error running prestart hook #0: exit status 1'],
  ['create', new OciError('container with given ID already exists: x'), 'container with given ID already exists: x'],
  ['exec', new OciError('container does not exist'), 'exec failed: container does not exist'],
  ['start', new OciError('cannot start an already running container'), 'cannot start an already running container'],
  ['run', new ConfigError('linux.resources.pids.limit', '-7 is not a number of tasks'), 'linux.resources.pids.limit: -7 is not a number of tasks'],
  ['create', new OciUsageError('flag provided but not defined: -x'), 'flag provided but not defined: -x'],
  ['create', thrown(() => readFileSync('/nope/x')), 'unable to start container process: open /nope/x: no such file or directory'],
  ['update', thrown(() => readFileSync('/')), 'read: illegal operation on a directory'],
  ['state', 'no error', 'no error'],
  ['exec', new OciError('chdir to cwd ("/x") set in config.json failed: no such file or directory'), 'exec failed: unable to start container process: chdir to cwd ("/x") set in config.json failed: no such file or directory'],
  ['create', new OciError('container init was OOM-killed (memory limit too low?): close(3): SIGKILL'), 'unable to start container process: container init was OOM-killed (memory limit too low?): close(3): SIGKILL'],
  ['create', new Error('openat(AT_FDCWD, "/gone", O_RDONLY): ENOENT\n  why   it is another\'s\n  at    syscall 5 of 9'), 'unable to start container process: openat(AT_FDCWD, "/gone", O_RDONLY): ENOENT: no such file or directory; why: it is another\'s; at: syscall 5 of 9'],
  ['run', new OciError('error running prestart hook #0: execve("/x", ["/x"], []): EACCES\n  why   it was asked for'), 'unable to start container process: error running prestart hook #0: execve("/x", ["/x"], []): EACCES: permission denied; why: it was asked for'],
] as const)('%s: %s', (command, error, message) => {
  expect(messageOf(error, command)).toBe(message)
})

test('what has lines, of whatever kind, is one line', () => {
  expect(messageOf(new Error('newuidmap 7 0 1 1: not allowed\n  hint  /etc/subuid must say so'), 'run')).toBe('unable to start container process: newuidmap 7 0 1 1: not allowed; hint: /etc/subuid must say so')
})
