import { spawn, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ctrun, finished, script } from '../../test/ctrun.ts'

const directory = mkdtempSync(join(tmpdir(), 'ctrun-stdio-'))
let cli: string
beforeAll(async () => { cli = await script() })
afterAll(() => rmSync(directory, { recursive: true }))

const shell = (script: string) => spawnSync('sh', ['-c', script], { encoding: 'utf8', env: { ...process.env, ctrun: `${process.execPath} ${cli}` } })

test('binary data comes back as it went in', async () => {
  const data = randomBytes(300_000)
  const child = spawn(process.execPath, [cli, 'run', '--rm', '-i', 'host', 'cat'])
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stdin.end(data)
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0)
  expect(Buffer.concat(chunks).equals(data)).toBe(true)
})

test('100 MB through a pipe, intact', () => {
  const bytes = 100 * 1024 * 1024
  const made = createHash('sha256').update(Buffer.alloc(bytes, 7)).digest('hex')
  const { stdout } = shell(`head -c ${bytes} /dev/zero | tr '\\000' '\\007' | $ctrun run --rm -i host cat | sha256sum`)
  expect(stdout.split(' ')[0]).toBe(made)
})

test('stdout and stderr are two', async () => {
  expect(await ctrun(['run', '--rm', 'host', 'sh', '-c', 'echo out; echo err >&2'])).toEqual({ code: 0, signal: null, stdout: 'out\n', stderr: 'err\n' })
})

test('without -i there is nothing to read', async () => {
  expect(await ctrun(['run', '--rm', 'host', 'cat'], { input: 'not read' })).toMatchObject({ code: 0, stdout: '' })
})

test('a file is passed on as it is', () => {
  const file = join(directory, 'out')
  const fd = openSync(file, 'w')
  spawnSync(process.execPath, [cli, 'run', '--rm', 'host', 'sh', '-c', 'echo one; echo two >&2; readlink /proc/self/fd/1'], { stdio: ['ignore', fd, fd] })
  closeSync(fd)
  // Outside of its view the file has no name that it could find.
  expect(readFileSync(file, 'utf8')).toMatch(/^one\ntwo\n.*out.*\n$/)
})

test('a file to read from comes through a pipe: it cannot be written to from inside', () => {
  const file = join(directory, 'in')
  writeFileSync(file, randomBytes(3_000_000))
  const fd = openSync(file, 'r')
  const before = readFileSync(file)
  const { stdout } = spawnSync(process.execPath, [cli, 'run', '--rm', '-i', 'host', 'sh', '-c', 'sha256sum; echo gone > /proc/self/fd/0; readlink /proc/$$/fd/0'], { stdio: [fd, 'pipe', 'ignore'], encoding: 'utf8' })
  closeSync(fd)
  expect(stdout.split(' ')[0]).toBe(createHash('sha256').update(before).digest('hex'))
  expect(stdout).toContain('pipe:[')
  expect(readFileSync(file).equals(before)).toBe(true)
})

test('a pipe that is shared with others stays blocking', () => {
  // O_NONBLOCK is 04000: it would make the writers behind us fail with EAGAIN.
  const { stdout } = shell('( $ctrun run --rm host true; grep flags /proc/self/fdinfo/1; $ctrun run --rm host nope 2>&1 >/dev/null | tail -n 1; grep flags /proc/self/fdinfo/1 ) | cat')
  for (const [, flags] of stdout.matchAll(/flags:\s+(\d+)/g)) expect(Number.parseInt(flags!, 8) & 0o4000).toBe(0)
  expect(stdout.match(/flags/g)).toHaveLength(2)
})

test('a reader that leaves ends it quietly', () => {
  const { stderr } = shell('$ctrun explain host true | head -n 1; $ctrun run --rm host yes | head -n 1')
  expect(stderr).not.toContain('EPIPE')
  expect(stderr).not.toContain('✗')
})

test('nothing printed has an escape sequence in a pipe', async () => {
  for (const args of [['--help'], ['run', '--help'], ['ps', '-a'], ['explain', 'host', 'true'], ['nope']]) {
    const { stdout, stderr } = await ctrun(args)
    expect(stdout + stderr).not.toContain('\x1b')
  }
})

test('help and lists need neither koffi nor a privilege', async () => {
  const child = spawn('strace', ['-f', '-e', 'trace=openat', process.execPath, cli, 'ps'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { stderr } = await finished(child)
  expect(stderr).not.toContain('koffi')
})
