import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ctrun, finished, pidOf, remains, script, uniqueName } from '../../test/ctrun.ts'

const directory = mkdtempSync(join(tmpdir(), 'ctrun-bad-'))
beforeAll(async () => {
  await script()
  writeFileSync(join(directory, 'nul'), 'A=x\0y\n')
})
afterAll(() => rmSync(directory, { recursive: true }))

const name = uniqueName()
const named = ['run', '--rm', '--name', name]

test.each<[string, string[], RegExp]>([
  ['unknown command', ['iamges', '-a'], /^✗ unknown command "iamges"\n {2}→ did you mean images\?\n$/],
  ['a command of Docker', ['pull', 'alpine'], /^✗ pull is a command of Docker that ctrun does not have\n {2}→ /],
  ['a flag before the command', ['--rm', 'run'], /^✗ the command comes first/],
  ['unknown flag', [...named, '--memroy', '1g', 'host', 'true'], /^✗ unknown flag --memroy\n {2}→ did you mean --memory\?\n$/],
  ['a flag of Docker', [...named, '--privileged', 'host', 'true'], /^✗ --privileged is a flag of Docker that ctrun does not have\n {2}→ /],
  ['a bad size', [...named, '-m', '20x', 'host', 'true'], /^✗ --memory "20x" is not a size\n/],
  ['a missing directory', [...named, '/no/such', 'true'], /^✗ IMAGE \/no\/such does not exist\n {2}→ \/no is the first part/],
  ['an image of a registry', [...named, 'alpine', 'true'], /^✗ there is no image or directory "alpine"\n/],
  ['no command', [...named, 'host'], /^✗ run needs a command/],
  ['an empty command', [...named, 'host', ''], /^✗ The command is empty\n$/],
  ['a NUL byte', [...named, '--env-file', join(directory, 'nul'), 'host', 'true'], /^✗ --env-file .*nul, line 1:\s+the variable\s+A\s+has\s+a\s+NUL\s+byte\s+in\s+it\n/],
  ['misplaced flags', [...named, 'host', '-it', 'sh'], /^✗ flags go before the image: -it comes after host\n {2}→ ctrun run --rm --name \S+ -it host sh\n$/],
  ['a bad name', ['run', '--rm', '--name', '../x', 'host', 'true'], /^✗ Cannot call a container "\.\.\/x":/],
  ['an unknown user', [...named, '-u', 'nobody-here', 'host', 'true'], /^✗ Cannot run as "nobody-here":.*\n {2}from -u nobody-here\n$/],
  ['a bad ulimit', [...named, '--ulimit', 'files=3', 'host', 'true'], /^✗ There is no ulimit "files":[^]*from --ulimit files=3\n$/],
  ['a hostname that is the host\'s', [...named, '--uts', 'host', '-h', 'x', 'host', 'true'], /^✗ Cannot set a hostname/],
  ['swap without memory', [...named, '--memory-swap', '1g', 'host', 'true'], /^✗ Cannot set memory\.[^]*from --memory-swap 1g\n$/],
  ['a source that is missing', [...named, '-v', `${directory}/a/b:/c`, 'host', 'true'], /^✗ run failed at step \d+\/\d+ {2}open_tree\([^]*ENOENT\n[^]*a\s+is\s+the\s+first\s+part\s+that\s+does\s+not\s+exist +\[checked\][^]*from -v [^]*nothing\s+left behind\n$/],
  ['a processor that is not there', [...named, '--cpuset-cpus', '4000', 'host', 'true'], /^✗ run failed at its cgroup {2}cpuset\.cpus = 4000[^]*from --cpuset-cpus 4000 · nothing left behind\n$/],
  ['a limit above the kernel\'s', [...named, '--ulimit', 'nofile=99999999999', 'host', 'true'], /^✗ run failed at step \d+\/\d+ {2}prlimit64[^]*fs\.nr_open +\[checked\]/],
  ['no terminal', [...named, '-it', 'host', 'sh'], /^✗ the input device is not a TTY\n/],
  ['no container', ['kill', 'no-such-container'], /^✗ there is no container "no-such-container"\n/],
  ['too few operands', ['exec', 'x'], /^✗ exec needs a container and a command\n/],
  ['too many operands', ['ps', 'x'], /^✗ ps takes no operands, and got "x" too\n/],
])('%s: one clear error, and nothing left', async (_what, args, message) => {
  const failed = await ctrun(args)
  expect(failed).toMatchObject({ code: 125, stdout: '' })
  expect(failed.stderr).toMatch(message)
  expect(failed.stderr.split('\n')[0]).not.toMatch(/: .*: .*: /)
  expect(failed.stderr).not.toContain('\x1b')
  expect(remains(name)).toEqual([])
})

test('an argument of 1 MB', async () => {
  // No program can be given one, so it cannot come from our own command line: a file of variables can have it.
  writeFileSync(join(directory, 'big'), `BIG=${'x'.repeat(1e6)}\n`)
  const failed = await ctrun([...named, '--env-file', join(directory, 'big'), 'host', '/bin/true'])
  expect(failed.code).toBe(126)
  expect(failed.stderr).toMatch(/E2BIG\n {2}the variable BIG has 1000004 bytes, and one may have 131071 +\[checked\]/)
  expect(failed.stderr).toContain('nothing left behind')
  expect(remains(name)).toEqual([])
})

test('a name in use, and then not', async () => {
  const first = ctrun([...named, 'host', 'sleep', '60'])
  await pidOf(name)
  const second = await ctrun([...named, 'host', 'true'])
  expect(second).toMatchObject({ code: 125, stdout: '' })
  expect(second.stderr).toMatch(new RegExp(`^✗ the name "${name}" is taken\n {2}a container of that name is running +\\[checked\\]\n {2}→ ctrun rm -f ${name}`))
  expect(await ctrun(['kill', name])).toMatchObject({ code: 0, stdout: `${name}\n` })
  expect(await first).toMatchObject({ code: 137, stderr: expect.stringMatching(/^killed by SIGKILL: ctrun kill from PID \d+\n$/) })
  expect(await ctrun([...named, 'host', 'true'])).toMatchObject({ code: 0 })
  expect(remains(name)).toEqual([])
})

test('no privileges: it says so, and reading and explaining work without', async () => {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all']
  const asNobody = async (...args: string[]) => as([], ...args)
  const as = async (how: readonly string[], ...args: string[]) => finished(spawn('setpriv', [...nobody, ...how, process.execPath, await script(), ...args], { env: { PATH: process.env['PATH'] }, stdio: ['pipe', 'pipe', 'pipe'] }))
  if ((await asNobody('--help')).code !== 0) return // The sources are where nobody may read them.
  const failed = await asNobody(...named, 'host', 'true')
  expect(failed.code).toBe(125)
  expect(failed.stderr).toMatch(/^✗ run needs root[^]*you are uid 65534 without CAP_SYS_ADMIN +\[checked\]/)
  // Root of a user namespace is nobody's root outside.
  expect(await as(['unshare', '--user', '--map-root-user'], ...named, 'host', 'true')).toMatchObject({ code: 125, stderr: expect.stringMatching(/^✗ run needs root[^]*you are uid 0 of a user namespace only/) })
  expect((await asNobody('explain', 'host', 'true')).code).toBe(0)
  expect((await asNobody('version')).stdout).toContain(readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim())
  expect(remains(name)).toEqual([])
})
