import { readFileSync } from 'node:fs'
import { launch, type LaunchOptions } from '@ctr/launch'
import { sys, type Program } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { parseTimeOffsets, read, timeOffsets, unshare } from './index.ts'

const root = process.getuid?.() === 0
const reason = !root ? 'needs root' : !hasTime() ? 'needs CONFIG_TIME_NS' : false

function hasTime(): boolean {
  try {
    return read('self', 'time').inode > 0
  } catch {
    return false
  }
}

// A child of the shell is in the new namespace, the shell is not.
const sh = (script: string): Program => [sys.execve('/bin/sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin'], 'look from inside')]
const year = 365 * 86400
const moved = { boottime: { seconds: year, nanoseconds: 0 }, monotonic: { seconds: 3, nanoseconds: 500000000 } }

async function output(program: Program, options: LaunchOptions = {}): Promise<string> {
  const child = await launch(program, { stdio: ['ignore', 'pipe', 'inherit'], ...options })
  let text = ''
  for await (const chunk of child.stdout!) text += chunk
  expect(await child.exited).toMatchObject({ code: 0 })
  return text
}

test.skipIf(reason)(`the clocks of the children are moved, and the host's are not${reason ? ` (${reason})` : ''}`, async () => {
  const text = await output([...unshare(['time']), ...timeOffsets('self', moved), ...sh('cat /proc/self/timens_offsets; cat /proc/uptime')])
  expect(parseTimeOffsets(text.split('\n').slice(0, 2).join('\n'))).toEqual(moved)
  expect(Number(text.split('\n')[2]!.split(' ')[0])).toBeGreaterThan(year)
  expect(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])).toBeLessThan(year)
})

test.skipIf(reason)(`EACCES when somebody is in it, ERANGE where a clock would be negative, EPERM without the right${reason ? ` (${reason})` : ''}`, async () => {
  const fails = (program: Program) => launch(program, { stdio: 'ignore' })
  // The time namespace that the test itself is in has members.
  await expect(fails(timeOffsets('self', moved))).rejects.toMatchObject({ code: 'EACCES', syscall: 'write' })
  await expect(fails([...unshare(['time']), ...timeOffsets('self', { monotonic: { seconds: -year * 100, nanoseconds: 0 } })])).rejects.toMatchObject({ code: 'ERANGE', syscall: 'write' })
  const nobody = sys.capset({ effective: [], permitted: [], inheritable: [] }, 'be nobody')
  await expect(fails([...unshare(['time']), nobody, ...timeOffsets('self', moved)])).rejects.toMatchObject({ code: 'EPERM', syscall: 'write' })
  await expect(fails(timeOffsets(2 ** 22 + 1, moved))).rejects.toMatchObject({ code: 'ENOENT', syscall: 'openat' })
})
