import { expect, test } from 'vitest'
import { check, explain } from '@ctr/syscall'
import { controllingTerminal, openTerminal, takeTerminal } from './terminal.ts'

test('opened inside, taken over by the parent at a checkpoint, and taken', () => {
  const program = [...openTerminal(1000), ...takeTerminal()]
  expect(explain(program, { why: false, open: { control: 3 } })).toEqual([
    'openat(AT_FDCWD, "/dev/pts/ptmx", O_RDWR|O_NOCTTY|O_CLOEXEC)',
    'ioctl(4<master>, TIOCSPTLCK, [0])',
    'ioctl(4<master>, TIOCGPTPEER, 0x80102)',
    'fchown(5<terminal>, 1000, 5)',
    'write(3<control>, "terminal\\n", 9)',
    'read(3<control>, …, 1)',
    'close(4<master>)',
    'ioctl(5<terminal>, TIOCSCTTY, 0)',
    'dup3(5<terminal>, 0, 0)',
    'dup3(5<terminal>, 1, 0)',
    'dup3(5<terminal>, 2, 0)',
    'close(5<terminal>)',
  ])
  expect(check(program, { control: 3 })).toEqual([])
})

test('sent by message, where the parent may not take it', () => {
  const program = [...openTerminal(0, { sendTo: 'out' }), ...takeTerminal()]
  expect(explain(program, { why: false, open: { control: 3, out: 4 } }).slice(3, 5)).toEqual([expect.stringMatching(/^sendmsg\(4<out>, .*cmsg_type=SCM_RIGHTS, cmsg_data=\[5<master>\]/), 'close(4<out>)'])
  expect(check(program, { control: 3, out: 4 })).toEqual([])
})

test('root owns its terminal already', () => expect(openTerminal().map(({ name }) => name)).not.toContain('fchown'))

test('any descriptor of a terminal will do', () => expect(explain(controllingTerminal(0), { why: false })).toEqual(['ioctl(0, TIOCSCTTY, 0)']))
