import { expect, test } from 'vitest'
import { sys, type Program } from '@ctr/syscall'
import { control, launch } from './index.ts'
import { shell } from '../test/shell.ts'

const program: Program = [
  sys.clone3({ flags: ['CLONE_PIDFD'], pidfd: null, exit_signal: 'SIGCHLD' }, { as: 'new', why: 'the program goes on in a new process' }),
  shell('exit 3'),
]
// Its end is the end of all others in there: the new one has to have executed its command by then, in the guest too, whose processor is emulated.
const pause = process.env['CTR_GUEST'] === undefined ? { tv_sec: 0, tv_nsec: 500_000_000 } : { tv_sec: 4, tv_nsec: 0 }
const late: Program = [
  sys.close(control, 'only the other one holds it'),
  sys.ppoll([], pause, 'the other one is first'),
]

test('a program that forks has come to its execve when its new process has, however late the other one is', async () => {
  const p = await launch(program, { namespaces: ['CLONE_NEWPID'], stdio: 'ignore', forks: [[...late, shell('exit 7')]] })
  expect(await p.exited).toMatchObject({ code: 7 })
})

test('the other one need not execute anything', async () => {
  const p = await launch(program, { namespaces: ['CLONE_NEWPID'], stdio: 'ignore', forks: [[...late, sys.exit_group(5, 'it is done')]] })
  expect(await p.exited).toMatchObject({ code: 5 })
})
