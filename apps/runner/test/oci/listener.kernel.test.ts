import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Notification } from '@ctr/seccomp'
import { describe, expect, test } from 'vitest'
import { hasBusybox, type OciBench, type BundleConfig } from './oci.ts'
import { oneContainer } from './one-container.ts'
import { SeccompAgent } from './seccomp-agent.ts'

describe.skipIf(!hasBusybox)('an agent that decides about the calls of a container', () => {
  let bench: OciBench
  let [path, count] = ['', 0]
  const id = `asking-${process.pid}`
  oneContainer(id, (made) => { bench = made })
  const asks = (more: Record<string, unknown> = {}) => (config: BundleConfig) => {
    path = join(bench.directory, `agent-${++count}`)
    config.linux['seccomp'] = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: path, listenerMetadata: 'what only the agent understands', syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' }], ...more }
    Object.assign(config, { annotations: { 'org.example.who': 'me' } })
  }
  const script = 'for name in a b; do mkdir /tmp/$name 2>&1 && rmdir /tmp/$name && echo made $name; done; true'
  /** The first is made as it is; what comes behind it is refused with an errno that no mkdir has. */
  const firstOnly = (_: Notification, nth: number) => (nth === 1 ? { proceed: true } as const : { errno: 'EDQUOT' } as const)
  const said = "made a\nmkdir: can't create directory '/tmp/b': Disk quota exceeded\n"

  test.each([false, true])('has the listener and the state of the container, which goes on with its answers; no_new_privs %s', async (noNewPrivileges) => {
    const bundle = bench.bundle(script, (config) => { asks()(config); config.process['noNewPrivileges'] = noNewPrivileges })
    await using agent = await SeccompAgent.at(path, firstOnly)
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ stdout: said, code: 0 })
    expect(agent.asked.map(({ name }) => name)).toEqual(['mkdir', 'mkdir'])
    expect(agent.received).toEqual([{
      descriptors: 1,
      state: {
        ociVersion: '1.2.0', fds: ['seccompFd'], pid: expect.any(Number), metadata: 'what only the agent understands',
        state: { ociVersion: '1.2.0', id, status: 'creating', pid: agent.received[0]!.state.pid, bundle, annotations: { 'org.example.who': 'me' } },
      },
    }])
  })

  test('has one more of what joins the container', async () => {
    const bundle = bench.bundle('sleep 60', asks())
    await using agent = await SeccompAgent.at(path, firstOnly)
    await bench.detached('create', '--bundle', bundle, id)
    await bench.oci('start', id)
    const { pid } = JSON.parse((await bench.oci('state', id)).stdout) as { pid: number }
    expect(await bench.oci('exec', id, 'sh', '-c', script)).toMatchObject({ stdout: said, code: 0 })
    expect(agent.received.map(({ state }) => [state.state.status, state.state.pid === pid, state.pid === pid])).toEqual([['creating', true, true], ['running', true, false]])
  })

  test('is asked about execve too, which is behind the filter', async () => {
    const bundle = bench.bundle('echo ran', asks({ syscalls: [{ names: ['execve'], action: 'SCMP_ACT_NOTIFY' }] }))
    await using agent = await SeccompAgent.at(path, () => ({ proceed: true }))
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ stdout: 'ran\n', code: 0 })
    expect(agent.asked.map(({ name, pid }) => [name, pid])).toEqual([['execve', agent.received[0]!.state.pid]])
  })

  test('is not there: an error that names the socket; nothing is left', async () => {
    const bundle = bench.bundle('true', asks())
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ code: 1, stderr: expect.stringMatching(/connect\(.*agent-\d+.*ENOENT/) })
  })

  test('is not needed where nothing is asked', async () => {
    const bundle = bench.bundle('echo ran', asks({ syscalls: [] }))
    expect(await bench.oci('run', '--bundle', bundle, id)).toMatchObject({ stdout: 'ran\n', code: 0 })
  })

  test.each([
    [{ syscalls: [{ names: ['read', 'write'], action: 'SCMP_ACT_NOTIFY' }] }, 'linux.seccomp.syscalls[0].names: write cannot be asked about: by it the agent is told of the listener'],
    [{ listenerPath: undefined, syscalls: [] }, 'linux.seccomp.listenerMetadata: it needs a listenerPath'],
  ])('what could never be answered is refused: %j', async (more, words) => {
    expect(await bench.oci('create', '--bundle', bench.bundle('true', asks(more)), id)).toMatchObject({ code: 1, stderr: expect.stringContaining(words) })
  })

  test('the container has no descriptor of its listener', async () => {
    const bundle = bench.bundle('sleep 60', asks())
    await using agent = await SeccompAgent.at(path, firstOnly)
    await bench.detached('create', '--bundle', bundle, id)
    const { pid } = agent.received[0]!.state
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Seccomp:\s+2$/m)
    expect(readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`)).filter((to) => to.includes('seccomp'))).toEqual([])
  })
})
