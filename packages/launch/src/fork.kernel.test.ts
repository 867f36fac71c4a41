import { closeSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { sys, type Program } from '@ctr/syscall'
import { control, launch } from './index.ts'
import { messageSockets } from './terminal.ts'
import { shell } from '../test/shell.ts'

const program: Program = [
  sys.clone3({ flags: ['CLONE_PIDFD'], pidfd: null, exit_signal: 'SIGCHLD' }, { as: 'new', why: 'the program goes on in a new process' }),
  shell('echo here; exit 3'),
]
const late: Program = [
  sys.close(control, 'only the other one holds it'),
  // Its end is the end of all others in there.
  sys.read({ fd: 'gate' }, { out: 5 }, 'the command of the other one says that it has been executed'),
  sys.ppoll([], { tv_sec: 0, tv_nsec: 200_000_000 }, 'the other one is first'),
]

test.each([['executes a command', shell('exit 7'), 7], ['executes nothing', sys.exit_group(5, 'it is done'), 5]] as const)('a program that forks has come to its execve when its new process has, however late the other one %s', async (_, last, code) => {
  const [gate, stdout] = messageSockets()
  onTestFinished(() => { for (const fd of [gate, stdout]) closeSync(fd) })
  const p = await launch(program, { namespaces: ['CLONE_NEWPID'], stdio: ['ignore', stdout, 'ignore'], pass: { gate }, forks: [[...late, last]] })
  expect(await p.exited).toMatchObject({ code })
})
