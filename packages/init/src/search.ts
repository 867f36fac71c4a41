import type { Assembler } from '@ctr/elf'
import { errnoTable } from '@ctr/syscall'
import { frame } from './frame.ts'
import { minus, value } from './kernel.ts'
import { at, call, text } from './write.ts'

/** The longest path that the kernel takes, with its zero (linux/limits.h). */
const PATH_MAX = 4096

/** Where commands are looked for without a PATH, as in Docker's images. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const ascii = (character: string): number => character.charCodeAt(0)
const word = (letters: string): number => [...letters].reduce((sum, letter, i) => sum + ascii(letter) * 2 ** (8 * i), 0)
const PATH = word('PATH')
/** What every ELF file starts with (elf(5), EI_MAG). */
const ELF = word('\x7fELF')

/**
 * Executes the command, looking along PATH if it has no slash, as execvp(3) does. Falls through if that failed, with the
 * command in `s1` and the errno in `s4`.
 *
 * `s0` where we are in PATH, `s2` argv, `s3` envp.
 */
export function exec(a: Assembler): void {
  a.mov('s2', 's0')
  a.add('s2', 16) // argc, argv[0]
  a.load('s3', 's0', 0, 64)
  a.shl('s3', 3)
  a.add('s3', 's0')
  a.add('s3', 16) // argc, argv, a zero
  a.load('s1', 's2', 0, 64)
  a.mov('s4', errnoTable.ENOENT)

  a.mov('t0', 's1')
  a.load('t1', 't0', 0, 8)
  a.branch('eq', 't1', 0, 'exec.failed') // the empty name
  a.label('exec.slash')
  a.branch('eq', 't1', ascii('/'), 'exec.direct')
  a.add('t0', 1)
  a.load('t1', 't0', 0, 8)
  a.branch('ne', 't1', 0, 'exec.slash')

  findPath(a)
  tryEach(a)

  a.label('exec.direct')
  call(a, 'execve', 's1', 's2', 's3')
  a.mov('s4', 'result')
  a.neg('s4')
  a.branch('ne', 's4', errnoTable.ENOEXEC, 'exec.failed')
  a.mov('s0', 's1')
  runByShell(a)
  a.label('exec.failed')
}

/**
 * Has sh run the file at `s0`, which the kernel does not know how to: a text without `#!`, as POSIX has execvp(3) do. But not a
 * program for another machine, of which sh would only say that it makes no sense.
 */
function runByShell(a: Assembler): void {
  a.label('exec.script')
  call(a, 'openat', value('AT_FDCWD'), 's0', value('O_RDONLY', 'O_CLOEXEC'), 0)
  a.mov('s4', 'result')
  call(a, 'read', 's4', at('digits'), 4)
  a.mov('s4', errnoTable.ENOEXEC)
  a.branch('ne', 'result', 4, 'exec.shell') // sh, too, needs to read it
  a.load('t0', 's5', frame.digits, 32)
  a.branch('eq', 't0', ELF, 'exec.failed')
  a.label('exec.shell')
  a.address('s4', 'shell')
  a.store('s2', 0, 's0', 64)
  a.sub('s2', 8) // init's own name, which nobody needs any more
  a.store('s2', 0, 's4', 64)
  call(a, 'execve', 's4', 's2', 's3')
  a.mov('s4', errnoTable.ENOEXEC) // no shell: then it is the file that is of no use
}

/** s0 = what PATH is set to. */
function findPath(a: Assembler): void {
  a.mov('t0', 's3')
  a.label('path.next')
  a.load('s0', 't0', 0, 64)
  a.add('t0', 8)
  a.branch('eq', 's0', 0, 'path.default')
  // Four bytes are always readable: the strings of the environment are followed by the file name (exec.c, bprm_execve).
  a.load('t1', 's0', 0, 32)
  a.branch('ne', 't1', PATH, 'path.next')
  a.load('t1', 's0', 4, 8)
  a.branch('ne', 't1', ascii('='), 'path.next')
  a.add('s0', 5)
  a.jump('path.found')
  a.label('path.default')
  a.address('s0', 'path')
  a.label('path.found')
}

/** Tries the name in every folder. The path is put together in the PATH_MAX bytes between `sp` and the frame. */
function tryEach(a: Assembler): void {
  /** Appends t1 at t0. */
  const append = (): void => {
    a.branch('hs', 't0', 's5', 'try.next') // the kernel would not take it
    a.store('t0', 0, 't1', 8)
    a.add('t0', 1)
  }

  a.sub('sp', PATH_MAX)
  a.label('try')
  a.mov('t0', 'sp')
  a.mov('a1', 's0')
  a.label('try.folder')
  a.load('t1', 'a1', 0, 8)
  a.branch('eq', 't1', 0, 'try.slash')
  a.branch('eq', 't1', ascii(':'), 'try.slash')
  append()
  a.add('a1', 1)
  a.jump('try.folder')

  a.label('try.slash')
  a.branch('eq', 'a1', 's0', 'try.name') // an empty folder is the working directory
  a.mov('t1', ascii('/'))
  append()

  a.label('try.name')
  a.mov('a1', 's1')
  a.label('try.letter')
  a.load('t1', 'a1', 0, 8)
  append()
  a.add('a1', 1)
  a.branch('ne', 't1', 0, 'try.letter')

  call(a, 'execve', 'sp', 's2', 's3')
  for (const elsewhere of ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'] as const) a.branch('eq', 'result', minus(elsewhere), 'try.next')
  // A file that may not be executed is the error to report, but there may be a better one behind it.
  a.mov('s4', 'result')
  a.neg('s4')
  a.branch('eq', 's4', errnoTable.ENOEXEC, 'try.script')
  a.branch('ne', 's4', errnoTable.EACCES, 'exec.failed')

  a.label('try.next')
  a.load('t1', 's0', 0, 8)
  a.branch('eq', 't1', 0, 'exec.failed')
  a.add('s0', 1)
  a.branch('ne', 't1', ascii(':'), 'try.next')
  a.jump('try')

  a.label('try.script')
  a.mov('s0', 'sp')
  a.jump('exec.script')
}

export function execText(a: Assembler): void {
  text(a, 'path', defaultPath)
  text(a, 'shell', '/bin/sh')
}
