import { spawn } from 'node:child_process'
import { closeSync, constants, mkdirSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { numbers, sys } from '@ctr/syscall'
import { perform } from '@ctr/syscall/perform'
import { expect, test } from 'vitest'
import { emulated } from '../test/guest.ts'
import { inMountNamespace } from '../test/namespace.ts'
import { scratch, snapshot } from '../test/scratch.ts'
import { consoleDevice } from './index.ts'

/** Makes calls with /dev of a container and a terminal, and tells the error. */
function withTerminal(directory: string): string {
  const fd = openSync(directory, constants.O_DIRECTORY)
  const { fds } = perform([
    sys.openat('AT_FDCWD', '/dev/ptmx', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], 0, { as: 'master', why: 'a terminal' }),
    sys.ioctl({ fd: 'master' }, 'TIOCSPTLCK', 0, 'unlock it'),
    sys.ioctl({ fd: 'master' }, 'TIOCGPTPEER', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], { as: 'terminal', why: 'its other end' }),
  ])
  try {
    perform(consoleDevice({ directory: { fd: 'dev' }, terminal: { fd: 'terminal' } }), { dev: fd, ...fds })
    return 'done'
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    for (const each of [fd, ...Object.values(fds)]) closeSync(each)
  }
}

test('a link in the place of the console is covered, and not followed', () => {
  const { root, host } = scratch()
  writeFileSync(join(host, 'file'), 'untouched')
  symlinkSync(join(host, 'file'), join(root, 'console'))
  inMountNamespace(() => {
    expect(withTerminal(root)).toBe('done')
    expect(readFileSync(join(host, 'file'), 'utf8')).toBe('untouched')
    // The major numbers of terminals (Documentation/admin-guide/devices.txt)
    const major = statSync(join(root, 'console')).rdev >> 8
    expect([major >= 136, major <= 143]).toEqual([true, true])
  })
})

// T-TTY1 (CVE-2025-52565): /dev is shared with somebody who swaps what is mounted, and what it is mounted on.
test('the console never lands outside, and is never anything but the terminal', { timeout: 120_000 }, async () => {
  const { root, host } = scratch()
  writeFileSync(join(host, 'file'), 'untouched')
  mkdirSync(join(root, 'dev'))
  for (const name of ['console', 'pts']) writeFileSync(join(root, 'dev', name), '')
  symlinkSync(join(host, 'file'), join(root, 'dev/link'))
  const before = snapshot(host)
  const paths = ['console', 'link'].map((name) => join(root, 'dev', name))
  const swapper = spawn('perl', ['-e', 'while (1) { syscall($ARGV[2], -100, $ARGV[0], -100, $ARGV[1], 2) }', ...paths, String(numbers.renameat2[process.arch === 'arm64' ? 1 : 0])])
  await new Promise((resolve) => swapper.once('spawn', resolve))
  try {
    for (let i = 0; i < (emulated ? 20 : 300); i++) inMountNamespace(() => {
      expect(withTerminal(join(root, 'dev'))).toMatch(/^(done|ENOENT|EEXIST)$/)
      expect(readFileSync('/proc/thread-self/mountinfo', 'utf8')).not.toContain(host)
      expect(readFileSync(join(host, 'file'), 'utf8')).toBe('untouched')
    })
  } finally {
    swapper.kill('SIGKILL')
    await new Promise((resolve) => swapper.once('exit', resolve))
  }
  expect(snapshot(host)).toEqual(before)
})
