import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../src/oci/cli/commands.ts'
import { hasBusybox, OciBench } from './oci.ts'

// What is said to who asks for what is not there: once, in one sentence, in runc's words where engines look for them.

describe.skipIf(!hasBusybox)('the command line of the runtime', { timeout: 60_000 }, () => {
  let bench: OciBench
  beforeAll(async () => {
    bench = await OciBench.make()
    mkdirSync(join(bench.directory, 'empty'))
    writeFileSync(join(bench.directory, 'file'), '')
  })
  afterAll(() => bench.remove())

  const logged = (message: string) => new RegExp(`^time="[^"]+" level=error msg=${JSON.stringify(message).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\n$`)

  test.each(['start', 'state', 'delete', 'kill', 'ps', 'pause', 'resume', 'events'])('%s of no container', async (command) => {
    expect(await bench.oci(command, 'nobody')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(logged('container does not exist')) })
  })

  test('exec into no container, and delete of one by force', async () => {
    expect(await bench.oci('exec', 'nobody', 'true')).toMatchObject({ code: 255, stdout: '', stderr: expect.stringMatching(logged('exec failed: container does not exist')) })
    expect(await bench.oci('delete', '--force', 'nobody')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  })

  test('a bundle that is not there, or has no configuration, or is none', async () => {
    const { directory } = bench
    const words = { nope: `chdir ${directory}/nope: no such file or directory: there is no such bundle`, file: `chdir ${directory}/file: not a directory: there is no such bundle`, empty: `JSON specification file config.json not found in ${directory}/empty` }
    for (const [name, message] of Object.entries(words)) expect(await bench.oci(name === 'nope' ? 'run' : 'create', '--bundle', join(directory, name), 'x')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(logged(message)) })
    writeFileSync(join(directory, 'empty/config.json'), '{"ociVersion":"1.0.0","process":{"cwd":"x"}}')
    expect((await bench.oci('create', '--bundle', join(directory, 'empty'), 'x')).stderr).toMatch(/ msg="process\.cwd: \\"x\\" is not an absolute path"\n$/)
  })

  test('files that flags name', async () => {
    expect(await bench.oci('--log', '/nope/log', 'list')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(logged('open /nope/log: no such file or directory')) })
    const log = join(bench.directory, 'log')
    expect(await bench.oci('--log', log, 'list')).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(log, 'utf8')).toBe('')
    await bench.oci('--log', log, '--log-format=json', 'state', 'nobody')
    expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ level: 'error', msg: 'container does not exist' })
    expect((await bench.oci('spec', '--bundle', '/nope')).stderr).toMatch(logged('open /nope/config.json: no such file or directory'))
  })

  test('slips: once, for a person, and in the log for an engine', async () => {
    const said = async (...args: string[]) => (await bench.oci(...args)).stderr
    expect(await said('creat', 'x')).toBe('ctrun-oci: no such command: "creat"; did you mean create?\n')
    expect(await said('frobnicate')).toBe('ctrun-oci: no such command: "frobnicate"; ctrun-oci --help lists them\n')
    expect(await said('create', '--bundel', '/x', 'x')).toBe('ctrun-oci: flag provided but not defined: -bundel; did you mean --bundle?\n')
    expect(await said('--frob', 'list')).toBe('ctrun-oci: flag provided but not defined: -frob\n')
    expect(await said('create')).toBe('ctrun-oci: create takes ID, and 0 were given; ctrun-oci create --help says more\n')
    expect(await said('--log-format', 'xml', 'list')).toBe('ctrun-oci: invalid log-format "xml": text or json\n')
    const log = join(bench.directory, 'slips')
    expect(await said('--log', log, '--log-format', 'json', 'creat', 'x')).toBe('ctrun-oci: no such command: "creat"; did you mean create?\n')
    expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ level: 'error', msg: 'no such command: "creat"; did you mean create?' })
  })

  test.skipIf(existsSync('/run/systemd/private'))('groups of systemd where there is none: nothing else is tried', async () => {
    const problem = 'no systemd answers at /run/systemd/private (ENOENT) or /run/dbus/system_bus_socket (ENOENT): '
    expect(await bench.oci('--systemd-cgroup', '--rootless=false', 'create', '--bundle', bench.bundle('true'), 'nobody')).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`level=error msg="--systemd-cgroup: ${problem}`) })
    expect(existsSync(bench.root)).toBe(false)
  })

  test('every command has its help, and touches nothing for it', async () => {
    const texts = await Promise.all(commands.map(async ({ name }) => [name, await bench.oci(name, '--help')] as const))
    for (const [name, { code, stdout, stderr }] of texts) {
      expect([name, code, stderr]).toEqual([name, 0, ''])
      expect(stdout).toMatch(new RegExp(`^ctrun-oci ${name} - .+\n\nusage: ctrun-oci ${name} `))
    }
    expect((await bench.oci('help', 'exec')).stdout).toBe(texts.find(([name]) => name === 'exec')![1].stdout)
    for (const words of [[], ['--help'], ['help']]) expect((await bench.oci(...words)).stdout).toMatch(/^ctrun-oci - [^]*\n {2}create /)
    expect(existsSync(bench.root)).toBe(false)
  })
})
