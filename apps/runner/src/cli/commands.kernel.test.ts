import { spawn } from 'node:child_process'
import { parse } from '@ctr/syscall'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ctrun, finished, patience, pidOf, remains, script, uniqueName, until } from '../../test/ctrun.ts'

const name = uniqueName()
let pid: number
let end: ReturnType<typeof finished>

beforeAll(async () => {
  const child = spawn(process.execPath, [await script(), 'run', '--rm', '--name', name, '--cpus', '0.2', '-m', '64m', '--pids-limit', '20', 'host', 'sh', '-c', 'while :; do :; done & wait'], { stdio: ['ignore', 'pipe', 'pipe'] })
  end = finished(child)
  pid = await pidOf(name)
  await until(async () => (await ctrun(['top', '--json', name])).stdout.split('\n').length > 2, 'the shell has forked')
})
afterAll(async () => {
  await ctrun(['rm', '-f', name])
  await end
  expect(remains(name)).toEqual([])
})

const json = async (...args: string[]) => {
  const { code, stdout } = await ctrun([...args, '--json'])
  expect(code).toBe(0)
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Record<string, never>)
}

test('ps, by name and id, as a table and as JSON', async () => {
  const own = (await json('ps')).find((each) => each['name'] === name)!
  expect(own).toMatchObject({ v: 1, status: 'running', pid, image: 'host', outcome: null })
  const { stdout } = await ctrun(['ps', '--no-trunc'])
  expect(stdout.split('\n').find((line) => line.includes(`\t${name}\t`))!.split('\t').slice(0, 5)).toEqual([own['id'], name, String(pid), 'host', 'sh -c while :; do :; done & wait'])
  expect((await ctrun(['ps', '-q'])).stdout).toContain(String(own['id']).slice(0, 12))
  expect((await ctrun(['inspect', '-f', '{{.Name}}', String(own['id']).slice(0, 10)])).stdout).toBe(`${name}\n`)
})

test('top shows each process with both of its PIDs', async () => {
  const processes = await json('top', name)
  expect(processes[0]).toMatchObject({ pid, pidInside: 1 })
  expect(processes[1]).toMatchObject({ ppid: pid, pidInside: expect.any(Number) })
  expect((await ctrun(['top', name])).stdout.split('\n')[0]).toBe('PID (HOST)\tPID (INSIDE)\tPPID (HOST)\tUID\tCPU\tCOMMAND')
})

test('inspect has the names of Docker', async () => {
  expect((await ctrun(['inspect', '--format', '{{.State.Pid}} {{.HostConfig.Memory}} {{json .State.Running}}', name])).stdout).toBe(`${pid} 67108864 true\n`)
  expect(JSON.parse((await ctrun(['inspect', name])).stdout)).toMatchObject([{ Name: name, Config: { Cmd: ['sh', '-c', 'while :; do :; done & wait'] }, HostConfig: { PidsLimit: 20, NanoCpus: 2e8 } }])
})

test('stats: the share of a CPU, and how often the limit was hit', async () => {
  const [row] = await json('stats', '--no-stream', name)
  expect(row).toMatchObject({ v: 1, name, stat: { memory: { limitBytes: 67108864 }, pids: { current: 2, max: 20 } } })
  expect((row as unknown as { stat: { cpu: { throttledPeriods: number } } }).stat.cpu.throttledPeriods).toBeGreaterThan(0)
})

test('exec is inside: view, user, directory, variables, exit status', async () => {
  expect(await ctrun(['exec', '-u', '12:34', '-w', '/usr', '-e', 'A=b c', name, 'sh', '-c', 'id -u; id -g; pwd; echo $A; cat /proc/1/comm; exit 9'])).toMatchObject({ code: 9, stdout: '12\n34\n/usr\nb c\nsh\n', stderr: '' })
  expect(await ctrun(['exec', '-i', name, 'cat'], { input: 'through' })).toMatchObject({ code: 0, stdout: 'through' })
  const missing = await ctrun(['exec', name, 'no-such-program'])
  expect(missing.code).toBe(127)
  expect(missing.stderr).toMatch(/^✗ exec failed at step \d+\/\d+ {2}execve.*ENOENT\n.*\[checked\]/)
})

test('paused it is so, and does not run; exec says why it will not', async () => {
  expect(await ctrun(['pause', name])).toMatchObject({ code: 0, stdout: `${name}\n` })
  const used = async () => (await json('stats', '--no-stream', name))[0] as unknown as { cpuPercent: number }
  expect((await used()).cpuPercent).toBeLessThan(1)
  expect((await ctrun(['inspect', '-f', '{{.State.Status}} {{.State.Paused}}', name])).stdout).toBe('paused true\n')
  expect(await ctrun(['exec', name, 'true'])).toMatchObject({ code: 125, stderr: expect.stringContaining('is paused: nothing in it runs') })
  expect(await ctrun(['unpause', name])).toMatchObject({ code: 0 })
  expect((await used()).cpuPercent).toBeGreaterThan(5)
})

test('a slip in a name is noticed', async () => {
  const slip = name.replace(/^cli/, 'lci')
  expect((await ctrun(['top', slip])).stderr).toBe(`✗ there is no container "${slip}"\n  → did you mean ${name}?\n`)
})

test('rm of what runs is refused', async () => {
  expect(await ctrun(['rm', name])).toMatchObject({ code: 125, stderr: `✗ ${name} is running\n  → ctrun stop ${name}, or ctrun rm -f ${name}\n` })
})

test('without --rm the outcome is kept until rm', async () => {
  const kept = uniqueName()
  expect((await ctrun(['run', '--name', kept, 'host', 'sh', '-c', 'exit 4'])).code).toBe(4)
  expect((await json('ps', '-a')).find((each) => each['name'] === kept)).toMatchObject({ status: 'exited', pid: null, outcome: { exitCode: 4 } })
  expect((await ctrun(['ps'])).stdout).not.toContain(kept)
  expect(await ctrun(['wait', kept])).toMatchObject({ code: 0, stdout: '4\n' })
  expect((await ctrun(['exec', kept, 'true'])).stderr).toContain(`${kept} is not running`)
  expect(await ctrun(['rm', kept])).toMatchObject({ code: 0, stdout: `${kept}\n` })
  expect(remains(kept)).toEqual([])
})

test('explain can be read back, and makes nothing', async () => {
  const { code, stdout } = await ctrun(['explain', '--json', '--init', '-m', '64m', '-v', '/usr:/x:ro', 'host', 'true'])
  expect(code).toBe(0)
  const { program, forks, cgroup } = JSON.parse(stdout) as { program: unknown; forks: readonly { readonly program: unknown }[]; cgroup: { writes: readonly { value: string }[] } }
  expect(JSON.parse(JSON.stringify(parse(JSON.stringify(program))))).toEqual(program)
  for (const fork of forks) expect(parse(JSON.stringify(fork.program)).length).toBeGreaterThan(0)
  expect(cgroup.writes.map(({ value }) => value)).toContain('67108864')
  expect((await ctrun(['run', '--explain', 'host', 'true'])).stdout).toMatch(/^# ctrun, before anything runs[^]*# the first process[^]*clone3\([^]*# the container[^]*execve\([^]*# the other side/)
  expect(remains('ctrun-example')).toEqual([])
})

test('explain changes nothing (needs strace)', async () => {
  const changing = 'mkdir,mkdirat,rmdir,unlink,unlinkat,rename,renameat2,symlinkat,mknodat,mount,umount2,unshare,setns,pivot_root,chroot,fsopen,open_tree,move_mount,sethostname,memfd_create,kill,pidfd_send_signal'
  const child = spawn('strace', ['-f', '-qq', '-e', 'signal=none', '-e', `trace=${changing}`, process.execPath, await script(), 'run', '--explain', '-u', 'nobody', '-v', '/usr:/x', 'host', 'true'], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { code, stderr } = await finished(child)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('--trace says where the time went', async () => {
  const { code, stdout, stderr } = await ctrun(['run', '--rm', '--trace', 'host', 'echo', 'hello'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello\n' })
  expect(stderr).toMatch(/^trace: \d+ calls in [^]*clone3\([^]* 1 .* % {2}clone3\n/)
})

test('the tour shows what the kernel says, and leaves nothing', { timeout: 60_000 * patience }, async () => {
  const { code, stdout, stderr } = await ctrun(['tour'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/PID \d+ here is PID 1 inside/)
  expect(stdout).toMatch(/pid +pid:\[\d+\] +≠ pid:\[\d+\]/)
  expect(stdout).toMatch(/[Cc]annot fork[^]*forks refused [1-9]/)
  expect(stdout).toMatch(/out of memory \(peak [\d.]+ MiB of 20 MiB\)\n +137/)
  expect(stdout).toMatch(/throttled in [1-9]/)
  expect(stdout.match(/ gone /g)).toHaveLength(3)
  expect(stdout).not.toMatch(/left:|changed/)
  expect(remains('tour-')).toEqual([])
})
