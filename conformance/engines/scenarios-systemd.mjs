// What is different where systemd makes the groups, for podman and Docker beside scenarios.mjs: a container is a scope, which systemd knows and lists.
import { command } from './cli.mjs'
import { until } from './until.mjs'

let count = 0

/** Of the machine's manager, or of the user's whose engine it is. */
const systemctl = async (engine, ...words) => (await command([...engine.systemctl ?? ['systemctl'], '--no-pager', ...words])).stdout
/** The scopes of a container, but that of conmon. */
const scopes = async (engine, id) => (await systemctl(engine, 'list-units', '--all', '--plain', '--no-legend', `*-${id}.scope`)).split('\n').map((line) => line.split(' ')[0]).filter((name) => name !== '' && !name.includes('conmon'))
const show = async (engine, unit, ...properties) => (await systemctl(engine, 'show', ...properties.map((each) => `--property=${each}`), unit)).trim().split('\n').sort()

async function beside(engine, options, use) {
  const name = `scope${++count}`
  const { status, stderr } = await engine.cli(['run', '-d', '--name', name, '--network', 'none', ...options, engine.image, 'sleep', '1000'])
  if (status !== 0) return { status, stderr }
  let removed = false
  const remove = async () => { if (!removed) await engine.remove(name).then(() => { removed = true }) }
  try {
    const id = (await engine.cli(['inspect', '--format', '{{.Id}}', name])).stdout.trim()
    return await use({ name, id, unit: (await scopes(engine, id))[0], remove })
  } finally {
    await remove()
  }
}

const limits = ['--memory', '64m', '--memory-swap', '96m', '--memory-reservation', '32m', '--cpus', '0.5', '--cpuset-cpus', '0', '--pids-limit', '17']
const read = 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes cpu/cpu.cfs_quota_us cpuset/cpuset.cpus pids/pids.max 2>/dev/null || cat memory.max memory.swap.max cpu.max cpuset.cpus pids.max'
const shown = ['Slice', 'ActiveState', 'Delegate', 'MemoryMax', 'MemoryLimit', 'MemorySwapMax', 'MemoryLow', 'CPUQuotaPerSecUSec', 'AllowedCPUs', 'TasksMax', 'MemoryAccounting', 'CPUAccounting', 'TasksAccounting', 'KillSignal', 'TimeoutStopUSec', 'DefaultDependencies']

export const scenarios = [
  { name: 'systemd: a scope, with its limits', see: (engine) => beside(engine, limits, async ({ id, name, unit }) => [
    unit.replace(id, 'ID'), await show(engine, unit, ...shown), (await engine.cli(['exec', name, 'sh', '-c', read])).stdout,
  ]) },
  { name: 'systemd: an update', see: (engine) => beside(engine, limits, async ({ name, unit }) => {
    const { status } = await engine.cli(['update', '--memory', '32m', '--memory-swap', '48m', name])
    return [status, await show(engine, unit, ...shown), (await engine.cli(['exec', name, 'sh', '-c', read])).stdout]
  }) },
  // By itself systemd writes again what it was told.
  { name: 'systemd: daemon-reload changes nothing', expected: [true, 'refused\n'], see: (engine) => beside(engine, limits, async ({ name }) => {
    const look = async () => (await engine.cli(['exec', name, 'sh', '-c', read])).stdout
    const before = await look()
    await systemctl(engine, 'daemon-reload')
    return [before === await look(), (await engine.cli(['exec', name, 'sh', '-c', 'mknod /tmp/kmsg c 1 11; cat /tmp/kmsg 2>/dev/null >/dev/null || echo refused'])).stdout]
  }) },
  { name: 'systemd: pause, exec, restart', expected: ['paused', 0, 'exec\n', 'active'], see: (engine) => beside(engine, [], async ({ id, name }) => {
    await engine.cli(['pause', name])
    const paused = (await engine.cli(['inspect', '--format', '{{.State.Status}}', name])).stdout.trim()
    await engine.cli(['unpause', name])
    const { status } = await engine.cli(['restart', '-t', '0', name])
    return [paused, status, (await engine.cli(['exec', name, 'echo', 'exec'])).stdout, (await show(engine, (await scopes(engine, id))[0], 'ActiveState'))[0]?.split('=')[1]]
  }) },
  { name: 'systemd: nothing is left of the unit', expected: [1, 0], see: (engine) => beside(engine, [], async ({ id, remove }) => {
    const before = (await scopes(engine, id)).length
    await remove()
    return [before, await until(async () => (await scopes(engine, id)).length, 0)]
  }) },
]
