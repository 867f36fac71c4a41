import { expect, test } from 'vitest'
import { shell } from '../test/shell.ts'
import { adopt, launch } from './index.ts'

// Who calls clone3 for a process in new namespaces is a process of its own, and the new one is our child by CLONE_PARENT.
test('a child that another process made is waited for, and gets signals', async () => {
  const made = await launch([shell('exit 7')], { namespaces: ['CLONE_NEWPID'], stdio: 'ignore', detached: true })
  const adopted = adopt(made.pid)
  expect(await adopted.exited).toMatchObject({ code: 7, signal: null })
  expect(adopted.kill()).toBe(false)
  expect(() => adopt(made.pid)).toThrow('ESRCH')

  const sleeping = adopt((await launch([shell('sleep 1000')], { namespaces: ['CLONE_NEWPID'], stdio: 'ignore', detached: true })).pid)
  expect(sleeping.kill('SIGKILL')).toBe(true)
  expect(await sleeping.exited).toMatchObject({ code: null, signal: 'SIGKILL', status: 137 })
})
