import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { identityOf, isAlive, procfs, ProcessVanishedError, statOf } from './index.ts'

test('one process, as the readers of all else see it', () => {
  const identity = identityOf('self')
  expect(identity).toEqual(procfs().self.identity())
  expect(identityOf(process.pid)).toEqual(identity)
  expect(statOf(process.pid)).toMatchObject({ pid: process.pid, ppid: process.ppid, starttimeTicks: identity.starttimeTicks })
})

test('alive is the very process, from its start to its end', async () => {
  // Its shell does not wait for it: it stays a zombie for as long as the shell sleeps.
  const shell = spawn('sh', ['-c', 'sleep 1000 & echo $!; exec sleep 1000'], { stdio: ['ignore', 'pipe', 'ignore'] })
  try {
    const pid = Number(await new Promise<Buffer>((resolve) => shell.stdout.once('data', resolve)))
    const identity = identityOf(pid)
    expect(isAlive(identity)).toBe(true)
    expect(isAlive({ ...identity, starttimeTicks: identity.starttimeTicks + 1 })).toBe(false)
    expect(isAlive({ ...identity, bootId: 'another' })).toBe(false)
    process.kill(pid, 'SIGKILL')
    await procfs().pid(pid).waitForExit()
    expect([statOf(pid).state, isAlive(identity)]).toEqual(['Z', false])
  } finally {
    shell.kill('SIGKILL')
  }
})

test('gone', async () => {
  const child = spawn('true', { stdio: 'ignore' })
  const { pid } = child
  await new Promise((resolve) => child.once('exit', resolve))
  expect(() => statOf(pid!)).toThrow(ProcessVanishedError)
  expect(() => identityOf(pid!)).toThrow(ProcessVanishedError)
  expect(isAlive({ pid: pid!, starttimeTicks: 1 })).toBe(false)
})
