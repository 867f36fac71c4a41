import { spawn as nodeSpawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync, chmodSync, createReadStream } from 'node:fs'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { spawn } from './spawn.ts'
import { story, type Case } from '../test/alike.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { all, node } from '../test/node-script.ts'

const folder = mkdtempSync(join(tmpdir(), 'spawn-'))
mkdirSync(join(folder, 'bin'))
mkdirSync(join(folder, 'plain'))
writeFileSync(join(folder, 'bin', 'hello'), '#!/bin/sh\necho hello from $0\n', { mode: 0o755 })
writeFileSync(join(folder, 'plain', 'hello'), '#!/bin/sh\n', { mode: 0o644 })
writeFileSync(join(folder, 'lost'), '#!/nonexistent/interpreter\n', { mode: 0o755 })
writeFileSync(join(folder, 'in'), 'from a file\n')
chmodSync(folder, 0o755)
afterAll(() => rmSync(folder, { recursive: true }))
const sh = (script: string) => ({ file: 'sh', args: ['-c', script] })
const path = process.env['PATH']!

/** Each is the same for both, event by event. */
const cases: Readonly<Record<string, Case>> = {
  'exits with 0': sh('exit 0'),
  'exits with 3': sh('exit 3'),
  'both outputs': sh('echo out; echo err >&2'),
  'reads stdin': { ...sh('cat'), act: ({ stdio }) => stdio[0]!.end('in and out\n') },
  'reads nothing of stdin': { ...sh('exit 0'), act: ({ stdio }) => stdio[0]!.end('x'.repeat(1e6)) },
  'a signal ends it': sh('kill -USR1 $$'),
  'it dumps core, or would': sh('ulimit -c 0; kill -SEGV $$'),
  'killed at once': { ...sh('exec sleep 10'), act: (child) => child.kill() },
  'killed at once, by number': { ...sh('exec sleep 10'), act: (child) => child.kill(9) },
  'killed when it has started': { ...sh('echo; exec sleep 10'), act: (child) => child.stdio[1]!.once('data', () => child.kill('SIGINT')) },
  'asked whether it is there': { ...sh('read line'), act: (child) => { if (child.kill(0)) child.stdio[0]!.end() } },
  'no such file, by name': { file: 'nonexistent-command', args: ['a', 'b'] },
  'no such file, by path': { file: '/nonexistent/command', args: ['a'] },
  'no such file, nothing piped': { file: '/nonexistent/command', options: { stdio: 'ignore' } },
  'not executable': { file: join(folder, 'in') },
  'a directory': { file: folder },
  'its interpreter is missing': { file: join(folder, 'lost') },
  'no such working directory': { ...sh('exit 0'), options: { cwd: '/nonexistent' } },
  'PATH of its environment': { file: 'hello', options: { env: { PATH: `/nonexistent:${join(folder, 'plain')}:${join(folder, 'bin')}:/bin` } } },
  'PATH has it, and may not be executed': { file: 'hello', options: { env: { PATH: join(folder, 'plain') } } },
  'PATH has it first, and may not be executed': { file: 'hello', options: { env: { PATH: `${join(folder, 'plain')}:/nonexistent` } } },
  'no PATH': { file: 'true', options: { env: {} } },
  'an empty part of PATH is where it starts': { file: 'hello', options: { env: { PATH: '/nonexistent:' }, cwd: join(folder, 'bin') } },
  'relative to where it starts': { file: './hello', options: { cwd: join(folder, 'bin') } },
  'working directory': { ...sh('pwd'), options: { cwd: folder } },
  'working directory as URL': { ...sh('pwd'), options: { cwd: pathToFileURL(folder) } },
  'environment': { file: '/usr/bin/env', options: { env: { ONE: '1', TWO: 'zwei äöü', NONE: undefined } } },
  'name': { file: '/bin/sh', args: ['-c', 'echo $0; tr "\\0" " " < /proc/$$/cmdline'], options: { argv0: 'another' } },
  'shell': { file: 'echo "a  b"; exit 4', options: { shell: true } },
  'shell with arguments': { file: 'echo', args: ['$HOME', ';', 'exit', '5'], options: { shell: '/bin/sh' } },
  'session of its own': { ...sh('[ $(ps -o sid= -p $$) = $$ ] && [ $(ps -o pgid= -p $$) = $$ ] && echo leader') , options: { detached: true } },
  'our session': { ...sh(`[ $(ps -o sid= -p $$) = $(ps -o sid= -p ${process.pid}) ] && [ $(ps -o pgid= -p $$) = $(ps -o pgid= -p ${process.pid}) ] && echo ours`) },
  'user and group': { ...sh('id -u; id -g; id -G'), options: { uid: 1000, gid: 1000, cwd: '/' } },
  'user alone': { ...sh('id -u; id -g; id -G'), options: { uid: 1000, cwd: '/' } },
  'ignored': { ...sh('echo lost; in=$(readlink /proc/$$/fd/0); out=$(readlink /proc/$$/fd/1); echo $in $out >&2'), options: { stdio: ['ignore', 'ignore', 'pipe'] } },
  'a fourth, to us': { ...sh('echo four >&3; echo one'), options: { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] } },
  'a sixth, both ways, and nothing between': { ...sh('read line <&5; echo got $line >&5; for n in 3 4; do [ -e /proc/self/fd/$n ] || echo no $n; done'), options: { stdio: ['ignore', 'pipe', 'ignore', null, 'ignore', 'pipe'] }, act: ({ stdio }) => { stdio[5]!.write('word\n') } },
  'timeout': { ...sh('exec sleep 10'), options: { timeout: 50 } },
  'timeout, another signal': { ...sh('exec sleep 10'), options: { timeout: 50, killSignal: 'SIGINT' } },
  'timeout that is not reached': { ...sh('exit 1'), options: { timeout: 100_000 } },
  'aborted before': { ...sh('exec sleep 10'), options: { signal: AbortSignal.abort() } },
  'aborted later': { ...sh('exec sleep 10'), options: () => ({ signal: AbortSignal.timeout(50), killSignal: 'SIGKILL' }) },
  'empty file': { file: '' },
  'a NUL in an argument': { file: 'echo', args: ['a\0b'] },
  'an unknown signal': { file: 'true', options: { killSignal: 'SIGNONE' as NodeJS.Signals } },
  'a place that is none': { file: 'true', options: { stdio: ['pipe', 'pipe', 'nowhere' as 'pipe'] } },
}

test.each(Object.entries(cases))('%s: as with child_process', async (_name, each) => {
  const theirs = await story('node', each)
  const ours = await story('ours', each)
  expect(ours).toEqual(theirs)
})

describe('stdio', () => {
  test.each(['descriptor', 'file stream', 'socket'])('a %s as stdin', async (kind) => {
    const file = join(folder, 'in')
    const server = createServer((socket) => setTimeout(() => socket.end('from a socket\n'), 50)).listen(0)
    await once(server, 'listening')
    const both = []
    for (const start of [nodeSpawn, spawn] as const) {
      const opened = kind === 'descriptor' ? openSync(file, 'r') : kind === 'file stream' ? createReadStream(file) : connect((server.address() as { port: number }).port)
      if (typeof opened === 'object') await once(opened, kind === 'socket' ? 'connect' : 'open')
      // Nothing of the socket is read here: it is the process's to read, which would not wait if it were as Node has it.
      const child = (start as typeof nodeSpawn)('cat', [], { stdio: [opened as number, 'pipe', 'inherit'] })
      let out = ''
      child.stdout!.on('data', (chunk) => (out += chunk))
      const [code] = await once(child, 'close')
      both.push([out, code])
      if (typeof opened === 'number') closeSync(opened)
      else opened.destroy()
    }
    server.close()
    expect(both[1]).toEqual(both[0])
  })

  test('inherited is what Node has', async () => {
    const { child, lines, ended } = await node(`
      import { spawn } from './spawn.ts'
      spawn('sh', ['-c', 'cat; echo end; exit 4'], { stdio: 'inherit' }).on('exit', (code) => { process.exitCode = code })`, { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin!.end('from the caller\n')
    expect(await all(lines)).toEqual(['from the caller', 'end'])
    expect(await ended).toBe(4)
  })

  test('100 MB through both pipes', async () => {
    const child = spawn('cat')
    const [sent, got] = [createHash('sha256'), createHash('sha256')]
    const chunk = Buffer.alloc(1 << 20)
    let [written, read] = [0, 0]
    const more = () => {
      while (written < 100) {
        chunk.writeUInt32LE(written++)
        sent.update(chunk)
        if (!child.stdin!.write(Buffer.from(chunk))) return void child.stdin!.once('drain', more)
      }
      child.stdin!.end()
    }
    more()
    child.stdout!.on('data', (data: Buffer) => { read += data.length; got.update(data) })
    expect(await once(child, 'close')).toEqual([0, null])
    expect([read, got.digest('hex')]).toEqual([100 << 20, sent.digest('hex')])
  })
})

test('500 at once: each is itself, and nothing is left', { timeout: 60_000 }, async () => {
  await story('ours', sh('exit 0'))
  const before = await census()
  const results = await Promise.all(Array.from({ length: 500 }, (_, i) => story('ours', sh(`echo ${i}; exit $((${i} % 7))`))))
  expect(results.map(({ events, output }) => [events, output[1]])).toEqual(results.map((_, i) => [[['spawn'], ['exit', i % 7, null], ['close', i % 7, null]], `${i}\n`]))
  await expectNothingLeft(before)
})

test('when descriptors run out it is an error event, and nothing is left', async () => {
  const { lines, ended } = await node(`
    import { once } from 'node:events'
    import { spawn } from './spawn.ts'
    import { withFewDescriptors } from '../test/few-descriptors.ts'
    await once(spawn('true'), 'close')
    const codes = new Set()
    const left = await withFewDescriptors(async () => {
      const child = spawn('true')
      child.on('error', ({ code, syscall }) => codes.add(code + ' ' + syscall)).on('spawn', () => codes.add('spawn'))
      await once(child, 'close').catch(() => new Promise((resolve) => setTimeout(resolve, 20)))
    })
    console.log([...codes].join(), left.fds, left.children)`, { wrap: ['prlimit', '--nofile=100:100'] })
  expect(await all(lines)).toEqual(['EMFILE spawn true,spawn 0 0'])
  expect(await ended).toBe(0)
})

test('what a listener throws is an uncaught exception', async () => {
  const { lines, ended } = await node(`
    import { spawn } from './spawn.ts'
    process.on('uncaughtException', ({ message }, origin) => console.log(message, origin))
    spawn('true').on('spawn', () => { throw new Error('in spawn') }).on('exit', () => { throw new Error('in exit') })
    spawn('/nonexistent')`)
  expect((await all(lines)).sort()).toEqual(['in exit uncaughtException', 'in spawn uncaughtException', 'spawn /nonexistent ENOENT uncaughtException'])
  expect(await ended).toBe(0)
})

test('unref: Node may end first, and the process goes on', async () => {
  const { lines, ended } = await node(`
    import { spawn } from './spawn.ts'
    const child = spawn('sleep', ['60'], { stdio: 'ignore' })
    child.unref()
    child.on('spawn', () => console.log(child.pid))`)
  const [pid] = (await all(lines)).map(Number)
  expect(await ended).toBe(0)
  expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n')
  process.kill(pid!, 'SIGKILL')
})

test('the error says what the kernel refused', async () => {
  const [error] = (await once(spawn('sh', [], { cwd: '/nonexistent', env: { PATH: path } }), 'error')) as [Error]
  expect(error).toMatchObject({ message: 'spawn sh ENOENT', code: 'ENOENT', errno: -2, syscall: 'spawn sh', path: 'sh', spawnargs: [] })
  expect((error.cause as Error).message).toMatch(/^chdir\("\/nonexistent"\): ENOENT/)
})

test('await using ends it', async () => {
  const before = await census()
  {
    await using child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'])
    await once(child.stdout!, 'data')
  }
  await expectNothingLeft(before)
})
