import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { remove } from '../../src/oci/lifecycle/remove.ts'
import { run } from '../../src/oci/lifecycle/run.ts'
import { OciStore } from '../../src/oci/state/oci-store.ts'
import { finished, until } from '../ctrun.ts'
import { ended, groupsOf, hasBusybox, OciBench } from './oci.ts'

describe.skipIf(!hasBusybox)('the life of a container of a bundle', () => {
  let bench: OciBench
  beforeAll(async () => { bench = await OciBench.make() })
  afterAll(async () => {
    for (const id of bench.left()) await bench.oci('delete', '--force', id)
    bench.remove()
  })
  const state = async (id: string) => JSON.parse((await bench.oci('state', id)).stdout) as { status: string; pid: number; id: string; bundle: string }

  test('created, running, stopped, gone; what is not allowed in a state changes nothing', async () => {
    const bundle = bench.bundle('trap "exit 3" TERM; touch /tmp/started; while :; do sleep 0.05; done')
    const pidFile = join(bench.directory, 'pid')
    expect(await bench.detached('create', '--bundle', bundle, '--pid-file', pidFile, `life${own}`)).toBe(0)
    const created = await state(`life${own}`)
    expect(created).toMatchObject({ status: 'created', id: `life${own}`, bundle, pid: Number(readFileSync(pidFile, 'utf8')) })
    expect(existsSync(join(bench.rootfs, 'tmp/started'))).toBe(false)
    expect(await bench.oci('create', '--bundle', bundle, `life${own}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('container with given ID already exists') })

    expect((await bench.oci('start', `life${own}`)).code).toBe(0)
    expect(await state(`life${own}`)).toMatchObject({ status: 'running', pid: created.pid })
    await until(() => existsSync(join(bench.rootfs, 'tmp/started')), 'the command runs')
    expect(await bench.oci('start', `life${own}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('cannot start an already running container') })
    expect(await bench.oci('delete', `life${own}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('that is not stopped: running') })

    expect((await bench.oci('pause', `life${own}`)).code).toBe(0)
    expect((await state(`life${own}`)).status).toBe('paused')
    expect(await bench.oci('exec', `life${own}`, 'true')).toMatchObject({ code: 255, stderr: expect.stringContaining('paused') })
    expect((await bench.oci('resume', `life${own}`)).code).toBe(0)
    expect((await state(`life${own}`)).status).toBe('running')

    expect((await bench.oci('kill', `life${own}`, '15')).code).toBe(0)
    await until(async () => (await state(`life${own}`)).status === 'stopped', 'the container stopped')
    expect(await bench.oci('kill', `life${own}`, 'KILL')).toMatchObject({ code: 1, stderr: expect.stringContaining('container not running') })
    expect((await bench.oci('kill', '--all', `life${own}`, '9')).code).toBe(0)
    expect((await bench.oci('delete', `life${own}`)).code).toBe(0)
    expect(await bench.oci('state', `life${own}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('container does not exist') })
    expect(await bench.oci('delete', '--force', `life${own}`)).toMatchObject({ code: 0, stderr: '' })
    expect(bench.left()).toEqual([])
  })

  test('one that is waited for, and that somebody else deletes, has the status of its end, and another may have its name', async () => {
    const id = `waited${own}`
    const ends = bench.oci('run', '--bundle', bench.bundle('touch /tmp/waited; sleep 100'), id)
    await until(() => existsSync(join(bench.rootfs, 'tmp/waited')), 'it runs')
    expect((await bench.oci('delete', '--force', id)).code).toBe(0)
    expect(await ends).toEqual({ code: 137, signal: null, stdout: '', stderr: '' })

    const options = { store: new OciStore(bench.root), id, bundle: bench.bundle('sleep 100'), stdio: 'ignore', warn: (message: string) => { throw new Error(message) } } as const
    const first = await run(options)
    await remove(options.store, id, { force: true, warn: options.warn })
    const second = await run(options)
    await first.remove()
    expect((await state(id)).status).toBe('running')
    second.process.kill()
    await second.process.exited
    await second.remove()
    expect([bench.left(), groupsOf(id)]).toEqual([[], []])
  })

  test('one that was created and not started is gone with delete, and its process with it', async () => {
    expect(await bench.detached('create', '--bundle', bench.bundle('true'), `idle${own}`)).toBe(0)
    const { pid } = await state(`idle${own}`)
    expect((await bench.oci('delete', `idle${own}`)).code).toBe(0)
    expect(ended(pid)).toBe(true)
    expect(bench.left()).toEqual([])
  })

  test('one whose state cannot be read is gone with delete --force, from every hierarchy', async () => {
    const id = `torn${own}`
    expect(await bench.detached('create', '--bundle', bench.bundle('true'), id)).toBe(0)
    const { pid } = await state(id)
    expect(groupsOf(id).length).toBeGreaterThanOrEqual(1)
    writeFileSync(join(bench.root, id, 'state.json'), '{')
    expect((await bench.oci('delete', '--force', id)).code).toBe(0)
    expect([ended(pid), groupsOf(id), bench.left()]).toEqual([true, [], []])
  })

  test.skipIf(!existsSync('/proc/sys/vm/memfd_noexec'))('where memfds may not be executed, the file of @ctr/launch is (Linux 6.3)', async () => {
    const run = bench.argv('run', '--bundle', bench.bundle('echo works'), `noexec${own}`)
    // The sysctl is one of the PID namespace.
    const forbid = ['--pid', '--mount', '--fork', '--mount-proc', 'sh', '-c', 'echo 2 > /proc/sys/vm/memfd_noexec && "$@"', 'sh']
    expect(await finished(spawn('unshare', [...forbid, ...run], { stdio: ['pipe', 'pipe', 'pipe'] }))).toMatchObject({ code: 0, stdout: 'works\n' })
  })

  test('exec is in the namespaces and the groups of the container, and ends with the status of its command', async () => {
    await bench.detached('create', '--bundle', bench.bundle('sleep 1000'), `joined${own}`)
    await bench.oci('start', `joined${own}`)
    const { pid } = await state(`joined${own}`)
    const namespaces = ['mnt', 'pid', 'net', 'ipc', 'uts']
    const { stdout, code } = await bench.oci('exec', `joined${own}`, 'sh', '-c', `for n in ${namespaces.join(' ')}; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup; exit 9`)
    expect(code).toBe(9)
    expect(stdout).toBe([...namespaces.map((name) => readlinkSync(`/proc/${pid}/ns/${name}`)), readFileSync(`/proc/${pid}/cgroup`, 'utf8')].join('\n'))
    const file = join(bench.directory, 'process.json')
    writeFileSync(file, JSON.stringify({ cwd: '/tmp', args: ['sh', '-c', 'pwd; id -u; echo $A'], env: ['PATH=/bin', 'A=1', 'A=2'], user: { uid: 1000, gid: 1000 } }))
    expect(await bench.oci('exec', '--process', file, `joined${own}`)).toMatchObject({ stdout: '/tmp\n1000\n2\n', code: 0 })
    expect(await bench.oci('exec', `joined${own}`, 'nope')).toMatchObject({ code: 255, stderr: expect.stringContaining('exec: \\"nope\\": executable file not found in $PATH') })
    await bench.oci('delete', '--force', `joined${own}`)
    expect(bench.left()).toEqual([])
  })

  test.each([
    ['nope', 'executable file not found in $PATH'], ['/nope', 'stat /nope: no such file or directory'], ['/etc/passwd', 'permission denied'],
  ])('%s cannot be executed: create says so, in the words that engines look for', async (command, words) => {
    const bundle = bench.bundle('', (config) => { config.process.args = [command] })
    expect(await bench.oci('create', '--bundle', bundle, `absent${own}`)).toMatchObject({ code: 1, stderr: expect.stringContaining(`exec: \\"${command}\\": ${words}`) })
    expect(bench.left()).toEqual([])
  })

  test('hooks get the state, their own environment and the bundle, and run where they belong', async () => {
    const log = join(bench.directory, 'hooks')
    mkdirSync(log)
    const hook = (name: string) => ({ path: '/bin/sh', args: ['sh', '-c', `cat > ${log}/${name}; { env; pwd; readlink /proc/self/ns/mnt; ls /proc/self/fd; } > ${log}/${name}.seen`], env: ['PATH=/usr/bin:/bin', 'ONLY=this'] })
    const bundle = bench.bundle('true', (config) => {
      config.hooks = { ...Object.fromEntries(['prestart', 'createRuntime', 'createContainer', 'poststart', 'poststop'].map((kind) => [kind, [hook(kind)]])), startContainer: [{ path: '/bin/sh', args: ['sh', '-c', 'cat > /tmp/startContainer'] }] }
    })
    expect((await bench.oci('run', '--bundle', bundle, `hooked${own}`)).code).toBe(0)
    const stateOf = (name: string) => JSON.parse(readFileSync(join(log, name), 'utf8')) as { status: string }
    expect(['prestart', 'createRuntime', 'createContainer'].map((name) => stateOf(name))).toEqual(['created', 'creating', 'creating'].map((status) => expect.objectContaining({ id: `hooked${own}`, status, bundle, pid: expect.any(Number) })))
    expect(stateOf('poststop')).toMatchObject({ id: `hooked${own}`, status: 'stopped' })
    expect(JSON.parse(readFileSync(join(bench.rootfs, 'tmp/startContainer'), 'utf8'))).toMatchObject({ id: `hooked${own}`, status: 'created' })
    const seen = (name: string) => readFileSync(join(log, `${name}.seen`), 'utf8').split('\n')
    expect(seen('prestart').filter((line) => /^[A-Z]+=/.test(line) && !/^(PWD|OLDPWD|SHLVL|_)=/.test(line)).sort()).toEqual(['ONLY=this', 'PATH=/usr/bin:/bin'])
    expect(seen('prestart')).toContain(bundle)
    expect(seen('prestart')).toContain(readlinkSync('/proc/self/ns/mnt'))
    expect(seen('createContainer')).not.toContain(readlinkSync('/proc/self/ns/mnt'))
    expect(seen('prestart').filter((line) => /^\d+$/.test(line))).toEqual(['0', '1', '2', '3'])
  })

  test('a hook that fails, or takes too long, and nothing is left', async () => {
    const failing = bench.bundle('true', (config) => { config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'echo why >&2; exit 4'] }] } })
    expect(await bench.oci('create', '--bundle', failing, `failing${own}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('error running createRuntime hook #0: exit status 4, stdout: , stderr: why') })
    const hanging = bench.bundle('true', (config) => { config.hooks = { prestart: [{ path: '/bin/sleep', args: ['sleep', '100'], timeout: 1 }] } })
    expect(await bench.oci('create', '--bundle', hanging, `hanging${own}`)).toMatchObject({ code: 1, stderr: expect.stringContaining('it took more than 1 s') })
    expect(bench.left()).toEqual([])

    // Behind the start too: the command ends, and what is to come at the end has come.
    const end = join(bench.directory, 'end')
    const late = bench.bundle('sleep 1000', (config) => { config.hooks = { poststart: [{ path: '/bin/sh', args: ['sh', '-c', 'echo why >&2; exit 4'] }], poststop: [{ path: '/bin/sh', args: ['sh', '-c', `echo >> ${end}`] }] } })
    const words = expect.stringContaining('error running poststart hook #0: exit status 4, stdout: , stderr: why')
    expect(await bench.oci('run', '--bundle', late, `late${own}`)).toMatchObject({ code: 1, stderr: words })
    expect(await bench.detached('create', '--bundle', late, `late${own}`)).toBe(0)
    const { pid } = await state(`late${own}`)
    expect(await bench.oci('start', `late${own}`)).toMatchObject({ code: 1, stderr: words })
    expect([ended(pid), groupsOf(`late${own}`), bench.left(), readFileSync(end, 'utf8')]).toEqual([true, [], [], '\n\n'])
  })

  test('the creator is killed at any moment: delete by force leaves nothing', async () => {
    const bundle = bench.bundle('sleep 1000', (config) => { config.hooks = { createRuntime: [{ path: '/bin/sleep', args: ['sleep', '0.2'] }] } })
    for (const millis of [60, 120, 180, 240, 300, 350, 400, 500]) {
      const creator = spawn(process.execPath, bench.argv('create', '--bundle', bundle, `killed${own}`).slice(1), { stdio: 'ignore' })
      const ended = new Promise((resolve) => creator.once('close', resolve))
      await new Promise((resolve) => setTimeout(resolve, millis))
      creator.kill('SIGKILL')
      await ended
      expect(await bench.oci('delete', '--force', `killed${own}`)).toMatchObject({ code: 0, stderr: '' })
      expect(await bench.oci('state', `killed${own}`)).toMatchObject({ code: 1 })
      await until(() => groupsOf(`killed${own}`).length === 0, 'the groups are gone')
    }
    await bench.oci('delete', '--force', `another${own}`)
    expect(bench.left()).toEqual([])
  })

  test('of several that start it at once, one does', async () => {
    await bench.detached('create', '--bundle', bench.bundle('sleep 1000'), `once${own}`)
    const codes = await Promise.all(Array.from({ length: 4 }, async () => (await bench.oci('start', `once${own}`)).code))
    expect(codes.sort()).toEqual([0, 1, 1, 1])
    await bench.oci('delete', '--force', `once${own}`)
  })

  test('of several that create it at once, one does', async () => {
    const bundle = bench.bundle('sleep 1000')
    const log = (i: number) => join(bench.directory, `one-${i}.log`)
    const codes = await Promise.all(Array.from({ length: 4 }, (_, i) => bench.detached('--log', log(i), 'create', '--bundle', bundle, `one${own}`)))
    expect(codes.toSorted()).toEqual([0, 1, 1, 1])
    for (const [i, code] of codes.entries()) if (code === 1) expect(readFileSync(log(i), 'utf8')).toContain('container with given ID already exists')
    expect((await state(`one${own}`)).status).toBe('created')
    await bench.oci('delete', '--force', `one${own}`)
    expect(bench.left()).toEqual([])
  })

  test('the log is what engines read', async () => {
    const log = join(bench.directory, 'log.json')
    expect((await bench.oci('--log', log, '--log-format', 'json', 'start', 'nobody')).code).toBe(1)
    expect(JSON.parse(readFileSync(log, 'utf8'))).toEqual({ level: 'error', msg: expect.stringContaining('container does not exist'), time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]+Z$/) })
  })
})

/** Others may run the same tests on this machine. */
const own = `-${process.pid}`
