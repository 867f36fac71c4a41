import { createHash, randomFillSync } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect, test } from 'vitest'
import { launch } from './index.ts'
import { images } from '../test/images.ts'
import { census, expectNothingLeft } from '../test/leaks.ts'
import { all, node } from '../test/node-script.ts'
import { run, shell, text } from '../test/shell.ts'

const megabytes = 100

test('100 MB of any bytes go in through stdin and come out of stdout as they are', async () => {
  await run('true')
  const before = await census()
  const chunk = randomFillSync(Buffer.allocUnsafe(1 << 20))
  const sent = createHash('sha256')
  const received = createHash('sha256')
  const p = await launch([shell('exec cat')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const source = Readable.from((function* () {
    for (let i = 0; i < megabytes; i++) {
      chunk.writeUInt32LE(i)
      sent.update(chunk)
      yield Buffer.from(chunk)
    }
  })())
  let bytes = 0
  await Promise.all([pipeline(source, p.stdin!), (async () => {
    for await (const part of p.stdout! as AsyncIterable<Buffer>) {
      bytes += part.length
      received.update(part)
    }
  })()])
  expect(bytes).toBe(megabytes << 20)
  expect(received.digest('hex')).toBe(sent.digest('hex'))
  expect(await p.exited).toMatchObject({ code: 0 })
  await expectNothingLeft(before)
})

test('the three are apart', async () => {
  const p = await launch([shell('read line; echo out $line; echo err $line >&2')], { stdio: 'pipe' })
  p.stdin!.end('in\n')
  expect(await Promise.all([text(p.stdout), text(p.stderr)])).toEqual(['out in\n', 'err in\n'])
})

test('ignored is /dev/null', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'launch-'))
  const file = join(folder, 'out')
  const fd = openSync(file, 'w')
  try {
    const p = await launch([shell('readlink /proc/self/fd/0 /proc/self/fd/2; cat')], { stdio: ['ignore', fd, 'ignore'] })
    await p.exited
    // A descriptor that was given is not ours to close.
    closeSync(fd)
    expect(readFileSync(file, 'utf8')).toBe('/dev/null\n/dev/null\n')
    expect([p.stdin, p.stdout, p.stderr]).toEqual([null, null, null])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the three may be one, in any order', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'launch-'))
  const file = join(folder, 'out')
  const fd = openSync(file, 'w')
  try {
    const p = await launch([shell('echo out; echo err >&2')], { stdio: [2, fd, fd] })
    await p.exited
    expect(readFileSync(file, 'utf8')).toBe('out\nerr\n')
  } finally {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  }
})

test('inherited is what Node has', async () => {
  const { child, lines, ended } = await node(`
    import { launch } from './index.ts'
    import { shell } from '../test/shell.ts'
    const p = await launch([shell('cat; echo from the process; exit 4')])
    process.exitCode = (await p.exited).status`, { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin!.end('from the caller\n')
  expect(await all(lines)).toEqual(['from the caller', 'from the process'])
  expect(await ended).toBe(4)
})

test('the pipes block on the side of the process', async () => {
  const { out } = await run('for fd in 0 1; do grep flags /proc/self/fdinfo/$fd; done', { stdio: ['pipe', 'pipe', 'inherit'] })
  const flags = [...out.matchAll(/flags:\s+(\d+)/g)].map(([, octal]) => Number.parseInt(octal!, 8))
  expect(flags.map((bits) => bits & 0o4000 /* O_NONBLOCK */)).toEqual([0, 0])
})

test.each(images)('as a %s, beyond the three: under the number that was chosen, and to both sides as a pipe', async (image) => {
  const file = openSync('/etc/hostname', 'r')
  const p = await launch([shell('exec 2>&1; read line <&5; echo got $line >&5; cat <&7; ls /proc/$$/fd')], { image, stdio: ['ignore', 'pipe', 'ignore', 'ignore', 'ignore', 'pipe', 'ignore', file], namespaces: ['CLONE_NEWUTS'] })
  closeSync(file)
  p.stdio[5]!.write('word\n')
  expect(await Promise.all([text(p.stdout), text(p.stdio[5])])).toEqual([`${readFileSync('/etc/hostname', 'utf8')}0\n1\n2\n5\n7\n`, 'got word\n'])
})

test('fewer than three is no place for all', async () => {
  await expect(launch([shell('true')], { stdio: ['ignore'] as unknown as 'ignore' })).rejects.toThrow('Cannot start a process with 1 of its three standard descriptors')
})
