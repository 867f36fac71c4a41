import { once } from 'node:events'
import { beforeAll, expect, test } from 'vitest'
import { exec, find, run, start } from '../src/index.ts'
import { expectNothingLeft, settled, snapshot } from './leak-check.ts'

const prefix = `tty${process.pid}`

beforeAll(async () => {
  await run({ rootfs: 'host', args: ['/bin/true'], tty: true, name: prefix })
  await settled(prefix)
})

test('a terminal ends, without an error, and nothing of it is left', async () => {
  const before = snapshot(prefix)
  for (let i = 0; i < 10; i++) {
    const container = await start({ rootfs: 'host', args: ['echo', 'hello'], tty: true, name: prefix })
    let out = ''
    for await (const chunk of container.stdout!) out += chunk
    expect(out).toBe('hello\r\n')
    await container.exited
    // By now its number may be anything.
    container.resize({ columns: 1, rows: 1 })
  }
  await expectNothingLeft(prefix, before)
  await settled(prefix)
})

test('the end of the input does not hang the terminal up, nor close a descriptor of ours', async () => {
  await using container = await start({ rootfs: 'host', args: ['sh', '-c', 'read line; sleep 0.1; echo got $line'], tty: true, name: prefix })
  container.stdin!.end('something\n')
  await once(container.stdin!, 'finish')
  let out = ''
  for await (const chunk of container.stdout!) out += chunk
  expect(out).toContain('got something\r\n')
  expect(await container.exited).toMatchObject({ exitCode: 0 })
})

test('the terminal of an exec', async () => {
  await using container = await start({ rootfs: 'host', args: ['sleep', '60'], name: prefix }, { stdio: 'ignore' })
  const before = snapshot(prefix)
  for (let i = 0; i < 5; i++) {
    const process = await exec(find(container.name), { args: ['tty'], tty: true })
    let out = ''
    for await (const chunk of process.stdout!) out += chunk
    expect(out).toMatch(/^\/dev\/pts\/\d\r\n$/)
    expect(await process.exited).toMatchObject({ exitCode: 0 })
  }
  await expectNothingLeft(prefix, before)
})
