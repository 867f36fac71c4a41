// The guest itself: what the tests that run in it rely on.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'

const guest = (options: string[], ...command: string[]) =>
  spawnSync(process.execPath, [`${import.meta.dirname}/guest.mjs`, 'run', ...options, '--', ...command], { encoding: 'utf8' })

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('ctr-guest-')).length

describe.skipIf(process.getuid?.() !== 0 || !existsSync('/usr/bin/qemu-system-x86_64'))('the guest (needs root and qemu-system-x86)', () => {
  it('has cgroup v2 alone, every controller, the modules and this file, and keeps output and status apart', { timeout: 120_000 }, () => {
    const dir = mkdtempSync(`${tmpdir()}/ctr-guest-test-`)
    const before = left()
    const script = [
      'stat -f -c %T /sys/fs/cgroup; cat /sys/fs/cgroup/cgroup.controllers; cat /proc/self/cgroup',
      'modprobe veth && modprobe bridge && modprobe nf_tables && echo modules',
      `test -r ${import.meta.filename} && pwd`,
      'echo to stderr >&2; echo result > $GUEST_RESULT; sleep 1000 & exit 7',
    ]
    const run = guest(['--timeout', '100', '--result', `${dir}/result`], 'sh', '-c', script.join('\n'))
    const [type, controllers, ...rest] = run.stdout.trimEnd().split('\n')
    expect({ type, rest, stderr: run.stderr, status: run.status }).toEqual({
      type: 'cgroup2fs',
      rest: ['0::/user.slice/user-0.slice/session-1.scope', 'modules', process.cwd()],
      stderr: 'to stderr\n',
      status: 7,
    })
    expect(controllers?.split(' ')).toEqual(expect.arrayContaining(['cpu', 'cpuset', 'io', 'memory', 'pids']))
    expect(readFileSync(`${dir}/result`, 'utf8')).toBe('result\n')
    expect(left()).toBe(before)
    rmSync(dir, { recursive: true })
  })

  it('is ended at its deadline', { timeout: 60_000 }, () => {
    const run = guest(['--timeout', '3'], 'sleep', '1000')
    expect(run.status).toBe(124)
    expect(run.stderr).toContain('guest: the command had not ended after 3 seconds')
  })
})
