import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { sys, type Machine, type Program } from '@ctr/syscall'
import { assemble } from './assemble.ts'
import type { Plan } from './plan.ts'
import type { Weaving } from './weave.ts'

// The same programs on both machines, without a parent: no control socket, no status page but the image's own.
const emulator = 'qemu-aarch64-static'
const folder = mkdtempSync(join(tmpdir(), 'arm64-'))
afterAll(() => rmSync(folder, { recursive: true }))

for (const machine of ['x64', 'arm64'] as const) {
  const native = process.arch === machine
  const reason = native ? false : machine !== 'arm64' ? `needs an ${machine} machine` : spawnSync(emulator, ['--version']).error ? `needs ${emulator}` : false
  describe.skipIf(reason)(`${machine}${native ? '' : ` under ${emulator}`}${reason ? `: ${reason}` : ''}`, () => {
    const start = (program: Program, weaving?: Weaving) => run(machine, native, { program, open: {}, forks: [] }, weaving)

    test('writes and ends', () => {
      expect(start([sys.write(1, 'hello\n', 'greet')])).toEqual({ status: 0, out: 'hello\n' })
      expect(start([sys.exit_group(7, 'that is all')])).toEqual({ status: 7, out: '' })
    })

    test('stops at an error, and its status is the errno', () => {
      expect(start([sys.write(1, 'a', 'first'), sys.chdir('/nope', 'it is not there'), sys.write(1, 'b', 'not made')])).toEqual({ status: 2, out: 'a' })
    })

    test('goes on where the errno is allowed, and only there', () => {
      const chdir = (...allow: ('ENOENT' | 'EACCES' | 'ENOTDIR')[]) => sys.chdir('/nope', { why: 'it may be there', allow })
      expect(start([chdir('EACCES', 'ENOTDIR', 'ENOENT'), sys.write(1, 'b', 'made')])).toEqual({ status: 0, out: 'b' })
      expect(start([chdir('EACCES', 'ENOTDIR'), sys.write(1, 'b', 'not made')])).toEqual({ status: 2, out: '' })
    })

    test('tries again, and stops after 128 times', () => {
      expect(start([sys.chdir('/nope', { why: 'it may come', retry: ['ENOENT'] })])).toEqual({ status: 2, out: '' })
      expect(start([sys.chdir('/nope', { why: 'it may come', retry: ['ENOENT'], allow: ['ENOENT'] }), sys.write(1, 'c', 'made')])).toEqual({ status: 0, out: 'c' })
    })

    test('stores results where later calls need them: in an argument, in a struct, twice', () => {
      const file = join(folder, 'file')
      writeFileSync(file, 'some text')
      const program = [
        sys.openat('AT_FDCWD', folder, ['O_DIRECTORY', 'O_CLOEXEC', 'O_RDONLY'], 0, { as: 'folder', why: 'a place' }),
        sys.openat({ fd: 'folder' }, 'file', ['O_RDWR'], 0, { as: 'file', why: 'a file' }),
        sys.ppoll([{ fd: { fd: 'file' }, events: ['POLLIN'] }], { tv_sec: 0, tv_nsec: 0 }, { why: 'a file is always readable', returns: 1 }),
        sys.read({ fd: 'file' }, { out: 9 }, { why: 'there is so much text', returns: 9 }),
        sys.write({ fd: 'file' }, '!', 'at its end'),
        sys.close({ fd: 'file' }, 'no more'),
        sys.openat({ fd: 'folder' }, 'file', ['O_RDONLY'], 0, { as: 'file', why: 'the name again' }),
        sys.read({ fd: 'file' }, { out: 99 }, { why: 'one byte more', returns: 10 }),
      ]
      expect(start(program)).toEqual({ status: 0, out: '' })
      writeFileSync(file, 'some more text')
      // Any value but the one required ends it, with status 1.
      expect(start(program)).toEqual({ status: 1, out: '' })
    })

    test('faults', () => {
      const program = [sys.write(1, 'a', 'first'), sys.write(1, 'b', 'second'), sys.write(1, 'c', 'third')]
      expect(start(program, { fault: { index: 1, when: 'before' } })).toEqual({ status: 38, out: 'a' })
      expect(start(program, { fault: { index: 1, when: 'after' } })).toEqual({ status: 38, out: 'ab' })
    })

    test('both sides of clone3 go on', () => {
      const clone = sys.clone3({ flags: [], exit_signal: 'SIGCHLD' }, 'two are wanted')
      const wait = sys.waitid('P_ALL', -1, null, ['WEXITED'], 'the other first')
      const result = run(machine, native, { program: [clone, sys.write(1, 'child ', 'x')], open: {}, forks: [{ program: [wait, sys.write(1, 'parent', 'x')], open: {} }] })
      // qemu-user knows no clone3.
      expect(result).toEqual(native ? { status: 0, out: 'child parent' } : { status: 38, out: '' })
    })
  })
}

function run(machine: Machine, native: boolean, plan: Plan, weaving?: Weaving) {
  const file = join(folder, `program-${machine}`)
  writeFileSync(file, assemble(plan, machine, weaving), { mode: 0o755 })
  const { status, stdout } = native ? spawnSync(file, { encoding: 'utf8' }) : spawnSync(emulator, [file], { encoding: 'utf8' })
  return { status, out: stdout }
}
