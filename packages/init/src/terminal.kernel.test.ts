import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import { asPid1, cannotRun, folder, noNamespace, runToEnd } from './fixtures/world.ts'
import { initElf } from './init.ts'
import type { InitOptions } from './options.ts'

const machine = process.arch === 'arm64' ? 'arm64' : 'x64'
const files = folder()
afterAll(files.remove)

// proc_pid_stat(5): pid (comm) state ppid pgrp session tty_nr tpgid
const command = 'read pid comm state ppid pgrp session tty tpgid rest < /proc/self/stat; echo $pid $ppid $pgrp $session $tty $tpgid'

function parse(text: string) {
  const [pid, ppid, pgrp, session, tty, tpgid] = text.trim().split(' ').map(Number)
  return { pid, ppid, pgrp, session, tty, tpgid }
}

const init = (options: InitOptions) => files.program('init', initElf({ machine, ...options }))

const reason = cannotRun(machine)
describe.skipIf(reason)(`without a terminal${reason ? `: ${reason}` : ''}`, () => {
  const run = (options: InitOptions) => parse(runToEnd(init(options), 'sh', '-c', command).stdout)

  test('the payload has a session of its own', () => {
    const { pid, pgrp, session, tty } = run({})
    expect([pgrp, session, tty]).toEqual([pid, pid, 0])
  })

  test('setsid: false leaves it in the session, in a process group of its own', () => {
    const { pid, pgrp, session } = run({ setsid: false })
    expect(pgrp).toBe(pid)
    expect(session).not.toBe(pid)
  })
})

const noScript = cannotRun(machine) || (spawnSync('script', ['--version']).error ? 'needs script (util-linux)' : false)
/** Runs a shell command on a new terminal, whose session the shell leads. */
const onTerminal = (text: string) => parse(runToEnd('script', '-qec', text, '/dev/null').stdout)

describe.skipIf(noScript)(`on a terminal${noScript ? `: ${noScript}` : ''}`, () => {
  test('the payload is the foreground process group of the session', () => {
    const { pid, pgrp, session, tty, tpgid } = onTerminal(`${init({})} sh -c '${command}'; true`)
    expect([pgrp, tpgid]).toEqual([pid, pid])
    expect(session).not.toBe(pid)
    expect(tty).not.toBe(0)
  })

  test('a background job does not take the foreground', () => {
    // set -m: the shell gives the job a process group, and stays in the foreground itself. </dev/tty: sh gives background jobs /dev/null.
    const { pid, pgrp, tpgid } = onTerminal(`set -m; ${init({})} sh -c '${command}' < /dev/tty & wait`)
    expect(pgrp).toBe(pid)
    expect(tpgid).not.toBe(pid)
  })

  test.skipIf(noNamespace)('as PID 1, the payload is in the foreground too', () => {
    const { pid, pgrp, tpgid } = onTerminal(`${asPid1.join(' ')} ${init({})} sh -c '${command}'; true`)
    expect([pgrp, tpgid]).toEqual([pid, pid])
  })
})

const noPython = cannotRun(machine) || (spawnSync('python3', ['--version']).error ? 'needs python3 (for a terminal that is nobody\'s)' : false)
test.skipIf(noPython)(`a terminal that belongs to no session becomes the payload's${noPython ? `: ${noPython}` : ''}`, () => {
  const python = 'import os, sys, subprocess\nmaster, slave = os.openpty()\nsubprocess.run(sys.argv[1:], stdin=slave, start_new_session=True)'
  const { stdout } = runToEnd('python3', '-c', python, init({}), 'sh', '-c', command)
  const { pid, session, tty, tpgid } = parse(stdout)
  expect([session, tpgid]).toEqual([pid, pid])
  expect(tty).not.toBe(0)
})
