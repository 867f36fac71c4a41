// runtime.md: the operations and the states, and what hooks there are between them. `section` names the part of the specification that
// says so; what has no `expected` is left to the runtime there, and has to be what runc does.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { configuration, until } from './bundle.mjs'

const sleep = { process: { args: ['sleep', '1000'] } }
const stateOf = async ({ cli }, id) => {
  const { status, stdout } = await cli(['state', id])
  return status === 0 ? JSON.parse(stdout) : { status: 'none' }
}
const reaches = (runtime, id, wanted) => until(async () => (await stateOf(runtime, id)).status, (status) => status === wanted)
const failed = ({ status }) => status !== 0
const read = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')

/** A hook that writes what it is given to a file of the bundle. */
const hook = (directory, name, script = 'cat') => ({ path: '/bin/sh', args: ['sh', '-c', `${script} > ${directory}/${name}`], env: ['PATH=/usr/bin:/bin'] })

/** With a hook whose paths need the bundle's directory, which is known only when it is there. */
async function withHooks(runtime, config, hooks, use) {
  const { directory, id } = runtime.bundle(config)
  writeFileSync(`${directory}/config.json`, JSON.stringify({ ...JSON.parse(read(`${directory}/config.json`)), hooks: hooks(directory) }))
  try {
    return await use({ directory, id })
  } finally {
    await runtime.cli(['delete', '--force', id])
    rmSync(directory, { recursive: true, force: true })
  }
}

export const scenarios = [
  { section: 'runtime.md#state', name: 'the state of a created container', expected: { ociVersion: true, id: true, status: 'created', pid: true, bundle: true, annotations: { a: 'b' } }, see: (runtime) => runtime.created(configuration({ ...sleep, annotations: { a: 'b' } }), async ({ id, directory }) => {
    const state = await stateOf(runtime, id)
    return { ociVersion: /^1\./.test(state.ociVersion), id: state.id === id, status: state.status, pid: state.pid > 1 && existsSync(`/proc/${state.pid}`), bundle: state.bundle === directory, annotations: state.annotations }
  }) },
  { section: 'runtime.md#lifecycle', name: 'created, running, stopped, deleted', expected: ['created', 'running', 'stopped', 0, 'none'], see: (runtime) => runtime.created(configuration(sleep), async ({ id }) => {
    const states = [(await stateOf(runtime, id)).status]
    await runtime.cli(['start', id])
    states.push((await stateOf(runtime, id)).status)
    await runtime.cli(['kill', id, 'KILL'])
    states.push(await reaches(runtime, id, 'stopped'), (await runtime.cli(['delete', id])).status)
    return [...states, (await stateOf(runtime, id)).status]
  }) },
  { section: 'runtime.md#create', name: 'the command does not run before start', expected: ['', 'ran\n'], see: (runtime) => runtime.created(configuration({ process: { args: ['echo', 'ran'] } }), async ({ id, output }) => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    const before = read(output)
    await runtime.cli(['start', id])
    return [before, await until(() => read(output), (text) => text !== '')]
  }) },
  { section: 'runtime.md#create', name: 'an ID that is in use', expected: true, see: (runtime) => runtime.created(configuration(sleep), async ({ id, directory }) => failed(await runtime.cli(['create', '--bundle', directory, id]))) },
  { section: 'runtime.md#create', name: 'a change of config.json after create', expected: 'ran\n', see: (runtime) => runtime.created(configuration({ process: { args: ['echo', 'ran'] } }), async ({ id, directory, output }) => {
    writeFileSync(`${directory}/config.json`, JSON.stringify(configuration({ process: { args: ['echo', 'changed'] } })))
    await runtime.cli(['start', id])
    return until(() => read(output), (text) => text !== '')
  }) },
  { section: 'runtime.md#create', name: 'a bundle that is not there', expected: true, see: async (runtime) => failed(await runtime.cli(['create', '--bundle', '/nonexistent', 'x'])) },
  { section: 'runtime.md#create', name: 'the pid file', expected: true, see: async (runtime) => {
    const { directory, id } = runtime.bundle(configuration(sleep))
    await runtime.cli(['create', '--bundle', directory, '--pid-file', `${directory}/pid`, id], { output: 'ignore' })
    const pid = Number(read(`${directory}/pid`))
    const state = await stateOf(runtime, id)
    await runtime.cli(['delete', '--force', id])
    return pid > 1 && pid === state.pid
  } },
  { section: 'runtime.md#start', name: 'start of what is not created', expected: [true, true, true], see: (runtime) => runtime.created(configuration(sleep), async ({ id }) => {
    await runtime.cli(['start', id])
    const running = failed(await runtime.cli(['start', id]))
    await runtime.cli(['kill', id, 'KILL'])
    await reaches(runtime, id, 'stopped')
    return [running, failed(await runtime.cli(['start', id])), failed(await runtime.cli(['start', 'nonexistent']))]
  }) },
  { section: 'runtime.md#start', name: 'a command that is not there', expected: true, see: (runtime) => runtime.created(configuration({ process: { args: ['/nonexistent'] } }), async ({ id, status }) => status !== 0 || failed(await runtime.cli(['start', id]))) },
  { section: 'runtime.md#kill', name: 'kill of what neither is created nor runs', expected: [true, true], see: (runtime) => runtime.created(configuration({ process: { args: ['true'] } }), async ({ id }) => {
    await runtime.cli(['start', id])
    await reaches(runtime, id, 'stopped')
    return [failed(await runtime.cli(['kill', id, 'TERM'])), failed(await runtime.cli(['kill', 'nonexistent', 'TERM']))]
  }) },
  { section: 'runtime.md#kill', name: 'kill of what is created', expected: 'stopped', see: (runtime) => runtime.created(configuration(sleep), async ({ id }) => {
    await runtime.cli(['kill', id, 'KILL'])
    return reaches(runtime, id, 'stopped')
  }) },
  { section: 'runtime.md#kill', name: 'signals by number, name, and with SIG', expected: ['USR1\n', 'USR2\n', 'HUP\n'], see: (runtime) => runtime.created(configuration({ process: { args: ['sh', '-c', 'for s in USR1 USR2 HUP; do trap "echo $s" $s; done; echo ready; while :; do sleep 0.05; done'] } }), async ({ id, output }) => {
    await runtime.cli(['start', id])
    await until(() => read(output), (text) => text === 'ready\n')
    const said = []
    for (const signal of ['10', 'USR2', 'SIGHUP']) {
      const before = read(output)
      await runtime.cli(['kill', id, signal])
      said.push((await until(() => read(output), (text) => text !== before)).slice(before.length))
    }
    return said
  }) },
  { section: 'runtime.md#kill', name: 'a signal that there is not', expected: true, see: (runtime) => runtime.created(configuration(sleep), async ({ id }) => failed(await runtime.cli(['kill', id, 'NOSUCH']))) },
  { section: 'runtime.md#delete', name: 'delete of what runs', expected: [true, 'running'], see: (runtime) => runtime.created(configuration(sleep), async ({ id }) => {
    await runtime.cli(['start', id])
    return [failed(await runtime.cli(['delete', id])), (await stateOf(runtime, id)).status]
  }) },
  { section: 'runtime.md#delete', name: 'delete of what there is not', expected: [true, false], see: async ({ cli }) => [failed(await cli(['delete', 'nonexistent'])), failed(await cli(['delete', '--force', 'nonexistent']))] },
  { section: 'runtime.md#delete', name: 'delete removes the cgroup it made', expected: [true, false], see: async (runtime) => {
    const group = existsSync('/sys/fs/cgroup/pids') ? '/sys/fs/cgroup/pids/specification' : '/sys/fs/cgroup/specification'
    const during = await runtime.created(configuration({ ...sleep, linux: { cgroupsPath: '/specification' } }), async () => existsSync(group))
    return [during, existsSync(group)]
  } },
  { section: 'runtime.md#state', name: 'state of what there is not', expected: true, see: async ({ cli }) => failed(await cli(['state', 'nonexistent'])) },
  { section: 'runtime.md', name: 'pause and resume', expected: ['paused', 'running'], see: (runtime) => runtime.created(configuration({ ...sleep, linux: { cgroupsPath: '/specification-paused' } }), async ({ id }) => {
    await runtime.cli(['start', id])
    await runtime.cli(['pause', id])
    const paused = (await stateOf(runtime, id)).status
    await runtime.cli(['resume', id])
    return [paused, (await stateOf(runtime, id)).status]
  }) },
  { section: 'runtime.md', name: 'the list of containers', expected: true, see: (runtime) => runtime.created(configuration(sleep), async ({ id }) => JSON.parse((await runtime.cli(['list', '--format', 'json'])).stdout).some((each) => each.id === id && each.status === 'created')) },
  { section: 'runtime.md', name: 'exec', expected: { status: 3, stdout: 'inside\n' }, see: (runtime) => runtime.created(configuration({ ...sleep, hostname: 'inside' }), async ({ id }) => {
    await runtime.cli(['start', id])
    const { status, stdout } = await runtime.cli(['exec', id, 'sh', '-c', 'hostname; exit 3'])
    return { status, stdout }
  }) },
  { section: 'runtime.md', name: 'exec into what does not run', expected: true, see: async (runtime) => failed(await runtime.cli(['exec', 'nonexistent', 'true'])) },
  { section: 'config.md#prestart', name: 'prestart hooks are of start: the container is created', expected: 'created', see: (runtime) => withHooks(runtime, configuration(sleep), (directory) => ({ prestart: [hook(directory, 'prestart')] }), async ({ directory, id }) => {
    await runtime.cli(['create', '--bundle', directory, id], { output: 'ignore' })
    return JSON.parse(read(`${directory}/prestart`)).status
  }) },
  { section: 'config.md#posix-platform-hooks', name: 'hooks, in their order, with the state on stdin', expected: [['prestart', 'createRuntime'], ['poststart'], ['poststop'], { prestart: [true, true], createRuntime: [true, true], poststart: [true, true], poststop: [true, false] }], see: (runtime) => withHooks(runtime, configuration({ process: { args: ['sleep', '1000'] } }), (directory) => Object.fromEntries(['prestart', 'createRuntime', 'poststart', 'poststop'].map((name) => [name, [hook(directory, name)]])), async ({ directory, id }) => {
    const made = () => ['prestart', 'createRuntime', 'poststart', 'poststop'].filter((name) => existsSync(`${directory}/${name}`))
    const news = []
    for (const step of [['create', '--bundle', directory, id], ['start', id], ['kill', id, 'KILL'], ['delete', id]]) {
      const before = made()
      // create's streams are the container's: they would stay open.
      await runtime.cli(step, step[0] === 'create' ? { output: 'ignore' } : {})
      if (step[0] === 'kill') await reaches(runtime, id, 'stopped')
      else news.push(made().filter((name) => !before.includes(name)))
    }
    const states = Object.fromEntries(made().map((name) => {
      const state = JSON.parse(read(`${directory}/${name}`))
      return [name, [state.id === id && state.bundle === directory, state.pid > 1]]
    }))
    return [...news, states]
  }) },
  { section: 'config.md#posix-platform-hooks', name: 'hooks inside, before the root is changed and behind it', expected: ['outside\n', 'inside\n'], see: (runtime) => withHooks(runtime, configuration({ hostname: 'inside', process: { args: ['sh', '-c', 'cat /tmp/start'] }, mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }, { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }] }), (directory) => ({
    createContainer: [hook(directory, 'create', 'test -e /usr/share && echo outside')],
    startContainer: [{ path: '/bin/sh', args: ['sh', '-c', 'hostname > /tmp/start'], env: ['PATH=/bin'] }],
  }), async ({ directory, id }) => {
    const { stdout } = await runtime.cli(['run', '--bundle', directory, id])
    return [read(`${directory}/create`), stdout]
  }) },
  ...['prestart', 'createRuntime', 'createContainer'].map((name) => ({ section: 'config.md#posix-platform-hooks', name: `a ${name} hook that fails`, expected: [true, 'none'], see: (runtime) => withHooks(runtime, configuration(sleep), () => ({ [name]: [{ path: '/bin/false', args: ['false'] }] }), async ({ directory, id }) => [failed(await runtime.cli(['create', '--bundle', directory, id], { output: 'ignore' })), (await stateOf(runtime, id)).status]) })),
  // Version 1.3; before that it was a warning. runc runs it in create.
  { section: 'runtime.md#lifecycle', name: 'a poststart hook that fails', expected: [true, 'none'], see: (runtime) => withHooks(runtime, configuration(sleep), () => ({ poststart: [{ path: '/bin/false', args: ['false'] }] }), async ({ directory, id }) => {
    const created = await runtime.cli(['create', '--bundle', directory, id], { output: 'ignore' })
    return [failed(created) || failed(await runtime.cli(['start', id])), (await stateOf(runtime, id)).status]
  }) },
  { section: 'config.md#posix-platform-hooks', name: 'a poststop hook that fails', expected: [false, 'none'], see: (runtime) => withHooks(runtime, configuration({ process: { args: ['true'] } }), () => ({ poststop: [{ path: '/bin/false', args: ['false'] }] }), async ({ directory, id }) => {
    await runtime.cli(['create', '--bundle', directory, id], { output: 'ignore' })
    await runtime.cli(['start', id])
    await reaches(runtime, id, 'stopped')
    return [failed(await runtime.cli(['delete', id])), (await stateOf(runtime, id)).status]
  }) },
  { section: 'config.md#posix-platform-hooks', name: 'a hook that is over its timeout', expected: true, see: (runtime) => withHooks(runtime, configuration(sleep), () => ({ createRuntime: [{ path: '/bin/sleep', args: ['sleep', '20'], timeout: 1 }] }), async ({ directory, id }) => {
    const start = Date.now()
    return failed(await runtime.cli(['create', '--bundle', directory, id], { output: 'ignore' })) && Date.now() - start < 10_000
  }) },
]
