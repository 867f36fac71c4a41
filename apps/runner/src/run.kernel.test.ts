import { expect, test } from 'vitest'
import { run } from './run.ts'
import { start } from './start.ts'
import { find } from './containers.ts'
import { exec } from './exec.ts'
import { stop, top, wait } from './control.ts'
import { untilInit } from '../test/inside.ts'

const text = async (stream: AsyncIterable<Buffer> | null) => {
  let out = ''
  try {
    for await (const chunk of stream ?? []) out += chunk
  } catch (error) { out += String(error) }
  return out
}

test('the command is PID 1 of its own world', async () => {
  const { exitCode, stdout } = await run({ rootfs: 'host', args: ['sh', '-c', 'echo $$; hostname; ls /proc | grep -c "^[0-9]"; ls /sys/fs/cgroup; exit 3'], name: 'world' })
  expect(stdout).toMatch(/^1\nworld\n[34]\n/)
  expect(exitCode).toBe(3)
})

test('with init, the command is PID 2 and its status is the container\'s', async () => {
  const { exitCode, stdout } = await run({ rootfs: 'host', args: ['sh', '-c', `${untilInit} echo $$; cat /proc/1/comm; exit 5`], init: true })
  expect(stdout).toBe('2\ninit\n')
  expect(exitCode).toBe(5)
})

test('a terminal', async () => {
  const { exitCode, stdout } = await run({ rootfs: 'host', args: ['sh', '-c', 'tty; stty size'], tty: true })
  expect(stdout).toBe('/dev/pts/0\r\n24 80\r\n')
  expect(exitCode).toBe(0)
})

test('exec, top, stop', async () => {
  await using c = await start({ rootfs: 'host', args: ['sleep', '100'], init: true })
  const e = await exec(find(c.name), { args: ['sh', '-c', 'hostname; cat /proc/1/comm'] })
  expect([await text(e.stdout), await text(e.stderr)]).toEqual([`${c.name}\ninit\n`, ''])
  expect(await e.exited).toMatchObject({ exitCode: 0 })
  expect(top(find(c.name)).map(({ pidInside, command }) => [pidInside, command[0]])).toEqual([[1, 'init'], [2, 'sleep']])
  expect(c.stats().pids).toMatchObject({ current: 2 })
  const t = await exec(find(c.name), { args: ['sh', '-c', 'tty; exit 3'], tty: true })
  expect(await text(t.stdout)).toContain('/dev/pts/0')
  expect(await t.exited).toMatchObject({ exitCode: 3 })
  const w = wait(find(c.name))
  expect(await stop(find(c.name))).toBe(false)
  expect(await c.exited).toMatchObject({ exitCode: 143, reason: { kind: 'stop' } })
  await w
})

test('out of memory is said', async () => {
  const r = await run({ rootfs: 'host', args: ['sh', '-c', 'tail /dev/zero'], limits: { memoryBytes: 20 << 20 } })
  expect(r).toMatchObject({ exitCode: 137, reason: { kind: 'oom' } })
})

test('errors', async () => {
  await expect(run({ rootfs: 'host', args: ['nope'] })).rejects.toThrow('ENOENT')
  await expect(run({ rootfs: '/nope', args: ['nope'] })).rejects.toThrow('open_tree(AT_FDCWD, "/nope"')
})
