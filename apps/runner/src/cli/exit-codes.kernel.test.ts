import { mkdtempSync, rmSync, writeFileSync, chmodSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ctrun, remains, script, uniqueName } from '../../test/ctrun.ts'

const directory = mkdtempSync(join(tmpdir(), 'ctrun-exit-'))
beforeAll(async () => {
  await script()
  const file = (name: string, content: string | Buffer, mode: number) => {
    writeFileSync(join(directory, name), content)
    chmodSync(join(directory, name), mode)
  }
  mkdirSync(join(directory, 'dir'))
  file('plain', 'just text\n', 0o644)
  file('noexec', 'just text\n', 0o755)
  file('empty', '', 0o755)
  file('crlf', '#!/bin/sh\r\necho\r\n', 0o755)
  file('gone', '#!/opt/no/such/interpreter\n', 0o755)
  // An ELF header for a machine that nobody has: EM_CRIS.
  const elf = Buffer.alloc(128)
  elf.write('\x7fELF\x02\x01\x01', 'latin1')
  elf.writeUInt16LE(2, 16)
  elf.writeUInt16LE(76, 18)
  file('other', elf, 0o755)
})
afterAll(() => rmSync(directory, { recursive: true }))

test.each<[string, string[], number]>([
  ['0', ['true'], 0], ['1', ['false'], 1], ['its own', ['sh', '-c', 'exit 42'], 42], ['255', ['sh', '-c', 'exit 255'], 255],
  ['128 + 9', ['sh', '-c', 'kill -9 $$; sleep 9 & kill -9 $!; wait $!'], 137], ['128 + 11', ['sh', '-c', 'sh -c "kill -SEGV \\$\\$"'], 139],
])('exit status %s', async (_name, command, code) => {
  const name = uniqueName()
  expect(await ctrun(['run', '--rm', '--name', name, 'host', ...command])).toMatchObject({ code, stdout: '' })
  expect(remains(name)).toEqual([])
})

test('a container that exits 125 is told from a runner that failed', async () => {
  const ended = await ctrun(['run', '--rm', '--json', 'host', 'sh', '-c', 'exit 125'])
  expect(ended).toMatchObject({ code: 125, stderr: '' })
  expect(JSON.parse(ended.stdout)).toMatchObject({ v: 1, exit: 125, origin: 'process', signal: null })
  const failed = await ctrun(['run', '--rm', '--json', '--cap-add', 'NOPE', 'host', 'true'])
  expect(failed.code).toBe(125)
  expect(JSON.parse(failed.stdout)).toMatchObject({ v: 1, exit: 125, error: { origin: 'runner', id: 'bad-config', from: '--cap-add NOPE' } })
  expect(failed.stderr).toMatch(/^✗ There is no capability "NOPE"\n {2}from --cap-add NOPE\n$/)
})

test.each<[string, string[], number, string, RegExp]>([
  ['a name that is nowhere', ['no-such-program'], 127, 'ENOENT', /no directory of PATH in the container has "no-such-program" +\[checked\]/],
  ['a path that is nowhere', ['/opt/a/b'], 127, 'ENOENT', /\[checked\]/],
  ['a slip', ['sl'], 127, 'ENOENT', /did you mean ls\?/],
  ['no interpreter', ['/x/gone'], 127, 'ENOENT', /\/x\/gone needs its interpreter \/opt\/no\/such\/interpreter,/],
  ['a carriage return', ['/x/crlf'], 127, 'ENOENT', /carriage return.*"\/bin\/sh\\r"/s],
  ['a path through a file', ['/x/plain/y'], 127, 'ENOTDIR', /ENOTDIR/],
  ['a directory', ['/x/dir'], 126, 'EACCES', /\/x\/dir is a directory +\[checked\]/],
  ['no x bit', ['/x/plain'], 126, 'EACCES', /mode is 0644 +\[checked\]/],
  ['text without #!', ['/x/noexec'], 126, 'ENOEXEC', /neither ELF nor a script/],
  ['an empty file', ['/x/empty'], 126, 'ENOEXEC', /\/x\/empty is empty/],
  ['another machine', ['/x/other'], 126, 'ENOEXEC', /is for machine 76, and this machine is/],
  ['a relative path', ['./gone'], 127, 'ENOENT', /needs its interpreter/],
])('%s', async (_what, command, code, errno, cause) => {
  const name = uniqueName()
  const failed = await ctrun(['run', '--rm', '--json', '--name', name, '-w', '/x', '-v', `${directory}:/x:ro`, 'host', ...command])
  expect(failed.code).toBe(code)
  expect(failed.stderr).toMatch(cause)
  expect(failed.stderr).toMatch(/^✗ run failed at step \d+\/\d+ {2}execve\(/)
  expect(failed.stderr).toContain('nothing left behind')
  for (const line of failed.stderr.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  expect(JSON.parse(failed.stdout)).toMatchObject({ error: { errno, origin: 'runner', step: { sys: 'execve', from: `COMMAND ${command[0]}` } }, exit: code })
  expect(remains(name)).toEqual([])
})

test('the same errno with another cause gets no checked hint', async () => {
  const { code, stderr } = await ctrun(['run', '--rm', '--tmpfs', '/opt/x', 'host', '/opt/x/y'])
  expect(code).toBe(127)
  expect(stderr).not.toContain('[checked]')
  expect(stderr).toContain('[possible]')
})

test('out of memory is said with peak and limit, and never guessed', async () => {
  const oom = await ctrun(['run', '--rm', '--json', '-m', '20m', 'host', 'tail', '/dev/zero'])
  expect(oom.stderr).toMatch(/^killed by SIGKILL: out of memory \(peak [\d.]+ MiB of 20 MiB\)\n$/)
  expect(JSON.parse(oom.stdout)).toMatchObject({ exit: 137, signal: 'SIGKILL', reason: { kind: 'oom', limitBytes: 20971520 } })
  const killed = await ctrun(['run', '--rm', '-m', '64m', 'host', 'sh', '-c', 'sh -c "kill -9 \\$\\$"; exit 137'])
  expect(killed.code).toBe(137)
  expect(killed.stderr).not.toContain('memory')
})
