import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { ctrun, finished, pidOf, remains, script, uniqueName, until } from '../../test/ctrun.ts'

let cli: string
beforeAll(async () => { cli = await script() })

/** A container that runs, and the ctrun that looks after it. */
async function running(command: readonly string[], flags: readonly string[] = []) {
  const name = uniqueName()
  const child = spawn(process.execPath, [cli, 'run', '--rm', '--name', name, ...flags, 'host', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [wrote, said] = ['', '']
  child.stdout.on('data', (chunk) => { wrote += String(chunk) })
  child.stderr.on('data', (chunk) => { said += String(chunk) })
  const end = finished(child)
  return { name, child, end, pid: await pidOf(name), said: () => said, wrote: () => wrote }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGWINCH', 'SIGCONT'] as const)('%s reaches PID 1', async (signal) => {
  const { child, end, name, wrote } = await running(['sh', '-c', `trap 'echo got it; exit 7' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`])
  await until(() => wrote().includes('ready'), 'the trap is set')
  child.kill(signal)
  expect(await end).toMatchObject({ code: 7, stdout: 'ready\ngot it\n' })
  expect(remains(name)).toEqual([])
})

test('a signal that PID 1 has no handler for is explained at once; a second ^C kills', async () => {
  const { child, end, said, name } = await running(['sleep', '60'])
  child.kill('SIGINT')
  await until(() => said().includes('\n'), 'the explanation')
  expect(said()).toBe('! sleep (PID 1) has no handler for SIGINT and ignores it; --init helps · press ^C again to kill\n')
  child.kill('SIGINT')
  expect((await end).code).toBe(137)
  expect(remains(name)).toEqual([])
})

test('SIGTERM of what has no handler for it ends it after the stop timeout', async () => {
  const { child, end, said } = await running(['sleep', '60'], ['--stop-timeout', '1'])
  child.kill('SIGTERM')
  await until(() => said().includes('killing in 1 s'), 'the explanation')
  expect((await end).code).toBe(137)
})

test.each([['SIGTERM', 143], ['SIGHUP', 129], ['SIGINT', 130]] as const)('with --init the command ends by %s itself, and nothing is to be said of it', async (signal, code) => {
  const { child, end, pid } = await running(['sleep', '60'], ['--init'])
  await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'init\n', 'init is executed')
  child.kill(signal)
  expect(await end).toMatchObject({ code, stderr: '' })
})

test('stop of one with an init says nothing either', async () => {
  const { end, name } = await running(['sleep', '60'], ['--init'])
  expect(await ctrun(['stop', name])).toMatchObject({ code: 0, stdout: `${name}\n`, stderr: '' })
  expect(await end).toMatchObject({ code: 143 })
})

test('stop says beforehand that it will take long', async () => {
  const { end, name } = await running(['sleep', '60'])
  const { code, stdout, stderr } = await ctrun(['stop', '-t', '1', name])
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${name}\n` })
  expect(stderr).toMatch(/^! sleep \(PID 1\) has no handler for SIGTERM and ignores it; --init helps · killing in 1 s\n/)
  expect(await end).toMatchObject({ code: 137, stderr: expect.stringContaining('ctrun stop from PID') })
})

test('ctrun is killed: its container goes too, and nothing remains', async () => {
  const { child, end, name, pid } = await running(['sh', '-c', 'sleep 60 & wait'])
  expect(pid).toBeGreaterThan(1)
  child.kill('SIGKILL')
  await end
  await until(() => remains(name).length === 0, 'everything is gone')
})
