import { expect, test } from 'vitest'
import { run } from './run.ts'
import { start } from './start.ts'
import { find } from './containers.ts'
import { exec } from './exec.ts'
import { stop, top, wait } from './control.ts'

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
  const { exitCode, stdout } = await run({ rootfs: 'host', args: ['sh', '-c', 'echo $$; cat /proc/1/comm; exit 5'], init: true })
  expect(stdout).toBe('2\ninit\n')
  expect(exitCode).toBe(5)
})

test('a terminal', async () => {
  const { exitCode, stdout } = await run({ rootfs: 'host', args: ['sh', '-c', 'tty; stty size; ps -o pid,tty,comm'], tty: true })
  console.log(stdout)
  expect(stdout).toMatch(/^\/dev\/pts\/0\r\n24 80/)
  expect(exitCode).toBe(0)
})

test('exec, top, stop', async () => {
  await using c = await start({ rootfs: 'host', args: ['sleep', '100'], init: true })
  const e = await exec(find(c.name), { args: ['sh', '-c', 'echo $$; hostname; ps -ef | wc -l; cat /proc/self/cgroup'] })
  const out = await text(e.stdout)
  console.log(out, await text(e.stderr))
  expect(await e.exited).toMatchObject({ exitCode: 0 })
  console.log(top(find(c.name)), c.stats())
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
