import type { Assembler } from '@ctr/elf'
import { errnoTable } from '@ctr/syscall'
import { frame } from './frame.ts'
import { at, call, text } from './write.ts'

/** The exit status when init itself could not do its work, as `docker run` and env(1) use it. */
export const refused = 125

/** The exit status when the command could not be executed, or was not found (POSIX shell, section 2.8.2). */
export const notExecutable = 126
export const notFound = 127

/** Where `exec` falls through to: says that the command in `s1` failed with `s4`, and exits. */
export function failed(a: Assembler): void {
  a.mov('s0', notFound)
  a.branch('eq', 's4', errnoTable.ENOENT, 'say')
  a.mov('s0', notExecutable)
  a.jump('say')
}

/** The same for init itself. */
export function refuse(a: Assembler): void {
  a.label('refuse')
  a.mov('s0', refused)
}

/** Errors that execve(2), clone(2) and waitid(2) explain, so that a message can name them. */
const named = ['EPERM', 'ENOENT', 'EIO', 'E2BIG', 'ENOEXEC', 'EBADF', 'ECHILD', 'EAGAIN', 'ENOMEM', 'EACCES', 'EFAULT', 'ENOTDIR', 'EISDIR', 'EINVAL', 'ENFILE', 'EMFILE', 'ETXTBSY', 'ENAMETOOLONG', 'ENOSYS', 'ELOOP', 'ELIBBAD'] as const
/** A row of the table: the errno, the length of the text, and the text with its newline. */
const row = 16

/** Writes "init: COMMAND: ENOENT", or "errno N" for an error without a name here, to stderr in one piece, and exits with `s0`. */
export function say(a: Assembler): void {
  a.label('say')
  a.address('a1', 'say.start')
  part(a, 0, 6)
  a.mov('a1', 's1')
  a.mov('t0', 's1')
  a.label('say.length')
  a.load('t1', 't0', 0, 8)
  a.add('t0', 1)
  a.branch('ne', 't1', 0, 'say.length')
  a.sub('t0', 's1')
  a.sub('t0', 1)
  part(a, 1)

  a.address('s3', 'say.names')
  a.label('say.next')
  a.load('t1', 's3', 0, 8)
  a.branch('eq', 't1', 0, 'say.number')
  a.branch('eq', 't1', 's4', 'say.name')
  a.add('s3', row)
  a.jump('say.next')
  a.label('say.name')
  a.address('a1', 'say.errno')
  part(a, 2, 2)
  a.mov('a1', 's3')
  a.add('a1', 2)
  a.load('t0', 's3', 1, 8)
  part(a, 3)
  a.jump('say.write')

  a.label('say.number')
  decimal(a)
  a.address('a1', 'say.errno')
  part(a, 2, 8)
  a.mov('a1', 's3')
  a.mov('t0', 's2')
  a.sub('t0', 's3')
  part(a, 3)
  a.label('say.write')
  call(a, 'writev', 2, at('iovecs'), 4)
  call(a, 'exit_group', 's0')
}

/** Makes the text at `a1`, as long as `t0` says, one part of the message: a struct iovec (writev(2)). */
function part(a: Assembler, index: number, length?: number): void {
  a.store('s5', frame.iovecs + 16 * index, 'a1', 64)
  if (length !== undefined) a.mov('t0', length)
  a.store('s5', frame.iovecs + 16 * index + 8, 't0', 64)
}

/** Writes the errno in `s4`, at most three digits (asm-generic/errno.h ends at 133), and a newline, from `s3` up to `s2`. */
function decimal(a: Assembler): void {
  a.mov('s2', 's5')
  a.add('s2', frame.digits)
  a.mov('s3', 's2')
  for (const unit of [100, 10, 1]) {
    a.mov('t1', '0'.charCodeAt(0))
    a.label(`digit.${unit}`)
    a.branch('lo', 's4', unit, `digit.${unit}.counted`)
    a.sub('s4', unit)
    a.add('t1', 1)
    a.jump(`digit.${unit}`)
    a.label(`digit.${unit}.counted`)
    // The first digit is not a zero.
    a.branch('ne', 't1', '0'.charCodeAt(0), `digit.${unit}.write`)
    a.branch('eq', 's2', 's3', `digit.${unit}.written`)
    a.label(`digit.${unit}.write`)
    a.store('s2', 0, 't1', 8)
    a.add('s2', 1)
    a.label(`digit.${unit}.written`)
  }
  a.mov('t1', '\n'.charCodeAt(0))
  a.store('s2', 0, 't1', 8)
  a.add('s2', 1)
}

export function sayText(a: Assembler): void {
  text(a, 'say.start', 'init: ')
  text(a, 'say.errno', ': errno ')
  a.label('say.names')
  for (const name of named) {
    const bytes = new Uint8Array(row)
    bytes.set([errnoTable[name], name.length + 1, ...new TextEncoder().encode(`${name}\n`)])
    a.bytes(bytes)
  }
  a.bytes(new Uint8Array(1))
}
