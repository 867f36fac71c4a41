import { assembler, type Assembler, type Reg } from '@ctr/elf'
import { constant, numbers, type Machine } from '@ctr/syscall'
import { programAddress, programFd, programLimit, record, state, status } from './layout.ts'

/** What the kept registers hold. */
const rec: Reg = 's0' // the current record
const page: Reg = 's1' // the block of the status page that this record reports in
const tries: Reg = 's2'
const outcome: Reg = 's3' // what the call returned
const code: Reg = 's4' // the errno, positive

/**
 * The machine code that makes a program's calls: the same bytes for every program, about 350 of them.
 *
 * For each record: say in the status page which call this is, load its six words, make it, and look at what it returned. An errno on the
 * allow list counts as done; one on the retry list is tried again; any other is written to the status page and ends the process. No
 * system call is needed to report it, so a seccomp filter cannot forbid that, and it survives SIGKILL.
 *
 * A result is stored wherever later calls need it: into their argument words and into structs they point to.
 */
export function interpreter(machine: Machine): Uint8Array {
  const a = assembler(machine)
  const number = (name: keyof typeof numbers) => numbers[name][machine === 'x64' ? 0 : 1]
  const flags = (...names: string[]) => names.reduce((bits, name) => bits | constant(name, machine), 0)

  a.mov(rec, programAddress)
  a.load('t0', rec, 0, 64)
  a.branch('ne', 't0', 0, 'begin')

  // The packaged file has no program of its own: it is behind a descriptor.
  a.mov('a0', programAddress)
  a.mov('a1', programLimit)
  a.mov('a2', flags('PROT_READ', 'PROT_WRITE'))
  a.mov('a3', flags('MAP_PRIVATE', 'MAP_FIXED', 'MAP_NORESERVE'))
  a.mov('a4', programFd)
  a.mov('a5', 0)
  a.mov('nr', number('mmap'))
  a.syscall()
  a.mov(outcome, 'result')
  a.mov('t0', -4095)
  a.mov(code, 0)
  a.sub(code, outcome)
  a.branch('hs', outcome, 't0', 'leave')
  a.load('t0', rec, 0, 64)

  a.label('begin')
  a.mov(rec, 't0')

  a.label('next')
  a.load(page, rec, record.page, 64)
  a.load(tries, rec, record.tries, 32)

  a.label('again')
  a.load('t0', rec, record.index, 32)
  a.store(page, status.index, 't0', 32)
  for (const [i, register] of (['a0', 'a1', 'a2', 'a3', 'a4', 'a5'] as const).entries()) a.load(register, rec, record.args + 8 * i, 64)
  a.load('nr', rec, record.nr, 64)
  a.syscall()
  a.mov(outcome, 'result')
  // The kernel's own rule: the last 4095 values are errnos (include/linux/err.h, MAX_ERRNO).
  a.mov('t0', -4095)
  a.branch('hs', outcome, 't0', 'failed')

  a.load('t0', rec, record.returns, 64)
  a.branch('eq', 't0', -1, 'fork')
  a.branch('ne', outcome, 't0', 'short')

  a.label('fork')
  a.load('t0', rec, record.fork, 64)
  a.branch('eq', 't0', 0, 'keep')
  a.branch('eq', outcome, 0, 'keep')
  // The parent's side of clone3 goes on elsewhere, and reports in a block of its own.
  a.mov(rec, 't0')
  a.jump('next')

  a.label('keep')
  a.load('t0', rec, record.patches, 64)
  a.label('patch')
  a.load('t1', 't0', 0, 64)
  a.branch('eq', 't1', 0, 'advance')
  a.store('t1', 0, outcome, 32)
  a.add('t0', 8)
  a.jump('patch')

  a.label('advance')
  a.add(rec, record.bytes)
  a.jump('next')

  a.label('failed')
  a.mov(code, 0)
  a.sub(code, outcome)
  onList(a, record.allow, 'keep')
  a.branch('eq', tries, 0, 'stop')
  onList(a, record.retry, 'retry')
  a.jump('stop')

  a.label('retry')
  a.sub(tries, 1)
  a.jump('again')

  a.label('short')
  a.store(page, status.result, outcome, 64)
  a.mov(code, 1)
  a.mov('t0', state.short)
  a.jump('report')

  a.label('stop')
  a.store(page, status.errno, code, 32)
  a.mov('t0', state.failed)
  // The state last: whoever reads it finds the rest in place.
  a.label('report')
  a.store(page, status.state, 't0', 32)
  a.label('leave')
  a.mov('a0', code)
  a.mov('nr', number('exit_group'))
  a.syscall()
  a.jump('leave')
  return a.code()
}

/** Goes on at `found` if the errno is one of the eight bytes at `offset` of the record. */
function onList(a: Assembler, offset: number, found: string): void {
  a.mov('t0', rec)
  a.add('t0', offset)
  a.label(`list ${offset}`)
  a.load('t1', 't0', 0, 8)
  a.branch('eq', 't1', 0, `end ${offset}`)
  a.branch('eq', 't1', code, found)
  a.add('t0', 1)
  a.jump(`list ${offset}`)
  a.label(`end ${offset}`)
}
