import type { DeviceRule, IoDeviceLimits, Layout, Limits, LimitWrite } from '@ctr/cgroup'
import type { OciResources } from './config/resources-shape.ts'
import { ConfigError } from './config/shape.ts'

/**
 * What of a configuration's resources is a limit in the vocabulary of @ctr/cgroup. Zero means "leave it alone", as engines write it; -1
 * takes a limit away.
 *
 * @param path of the resources, for errors
 * @throws ConfigError a resource that this runtime does not set
 */
export function limitsOf(resources: OciResources, path = 'linux.resources'): Limits {
  refuseOthers(resources, path)
  const { memory = {}, cpu = {}, pids = {}, blockIO = {}, hugepageLimits = [], network = {}, rdma } = resources
  return {
    ...some('memoryBytes', amount(memory.limit)),
    ...some('memorySwapBytes', amount(memory.swap)),
    ...some('memoryReservationBytes', present(memory.reservation, (value) => value > 0)),
    ...some('memoryTcpBytes', amount(memory.kernelTCP)),
    // Engines say false of every container.
    ...some('memoryOomKillDisable', memory.disableOOMKiller || undefined),
    ...some('memorySwappiness', present(memory.swappiness, (value) => value <= 100)),
    // The kernel takes 2 to 262144 and clamps itself (cpu.rst); our own check would refuse.
    // An idle group has the least weight there is, whatever weight was asked for beside it.
    ...some('cpuShares', cpu.idle === 1 ? undefined : clamped(cpu.shares)),
    ...some('cpuQuotaMicros', amount(cpu.quota)),
    ...some('cpuPeriodMicros', present(cpu.period, (value) => value > 0)),
    ...some('cpuBurstMicros', present(cpu.burst, (value) => value > 0)),
    ...some('cpuIdle', cpu.idle === 1 ? true : undefined),
    ...some('cpuRealtimeRuntimeMicros', present(cpu.realtimeRuntime, (value) => value > 0)),
    ...some('cpuRealtimePeriodMicros', present(cpu.realtimePeriod, (value) => value > 0)),
    ...some('cpusetCpus', cpu.cpus?.trim() || undefined),
    ...some('cpusetMems', cpu.mems?.trim() || undefined),
    ...some('pidsMax', pids.limit === undefined ? undefined : pids.limit < 0 ? 'max' as const : Number(pids.limit)),
    ...some('ioWeight', present(blockIO.weight, (value) => value > 0)),
    ...some('io', devicesOf(blockIO)),
    ...some('hugetlbBytes', hugepageLimits.length === 0 ? undefined : Object.fromEntries(hugepageLimits.map(({ pageSize, limit }) => [pageSize, unlessAll(limit)]))),
    ...some('networkClassId', present(network.classID, (value) => value > 0)),
    ...some('networkPriorities', network.priorities?.length ? Object.fromEntries(network.priorities.map(({ name, priority }) => [name, priority])) : undefined),
    ...some('rdma', rdma?.size ? Object.fromEntries([...rdma].map(([device, { hcaHandles, hcaObjects }]) => [device, { ...some('handles', hcaHandles), ...some('objects', hcaObjects) }])) : undefined),
  }
}

/** All ones, as far as a program of Go can write it, is no limit. */
const unlessAll = (value: number | bigint): number | 'max' => (typeof value === 'bigint' ? 'max' : value)

/** By device: the specification has a list for each kind of limit. */
function devicesOf(blockIO: NonNullable<OciResources['blockIO']>): Limits['io'] {
  const byDevice = new Map<string, IoDeviceLimits>()
  const add = (major: number | undefined, minor: number | undefined, limit: Partial<IoDeviceLimits>) => {
    const device = `${major ?? 0}:${minor ?? 0}`
    byDevice.set(device, { device, ...byDevice.get(device), ...limit })
  }
  for (const { major, minor, weight } of blockIO.weightDevice ?? []) if (weight) add(major, minor, { weight })
  const rates = { throttleReadBpsDevice: 'readBytesPerSecond', throttleWriteBpsDevice: 'writeBytesPerSecond', throttleReadIOPSDevice: 'readsPerSecond', throttleWriteIOPSDevice: 'writesPerSecond' } as const
  for (const [list, name] of Object.entries(rates) as [keyof typeof rates, (typeof rates)[keyof typeof rates]][]) {
    for (const { major, minor, rate } of blockIO[list] ?? []) add(major, minor, { [name]: rate === undefined || BigInt(rate) === 0n ? 'max' : atMost(rate, name.endsWith('BytesPerSecond')) })
  }
  return byDevice.size === 0 ? undefined : [...byDevice.values()]
}

/** Operations have 32 bits in the kernel, which takes more for as many (tg_set_conf in block/blk-throttle.c); so many bytes are no limit. */
const atMost = (rate: number | bigint, bytes: boolean): number | 'max' => (bytes ? (typeof rate === 'bigint' ? 'max' : rate) : Math.min(Number(rate), 2 ** 32 - 1))

const some = <K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } => (value === undefined ? {} : { [key]: value } as { readonly [P in K]?: V })

const present = (value: number | bigint | undefined, counts: (value: number | bigint) => boolean): number | undefined => (value === undefined || !counts(value) ? undefined : Number(value))

/** From 2^53 on it is no limit: what the files of version 1 show where there is none, 2^63 less a page, is such a number (PAGE_COUNTER_MAX). */
function amount(value: number | bigint | undefined): number | 'max' | undefined {
  if (value === undefined || BigInt(value) === 0n) return undefined
  return value < 0 || typeof value === 'bigint' ? 'max' : Number(value)
}

/**
 * What a new group is given: a period without a quota is one for no limit, as Kubernetes asks for it of every container without a limit. Of
 * a group that has a quota it would be a question.
 */
export function newLimitsOf(resources: OciResources, path?: string): Limits {
  const limits = limitsOf(resources, path)
  return limits.cpuPeriodMicros === undefined || limits.cpuQuotaMicros !== undefined ? limits : { ...limits, cpuQuotaMicros: 'max' }
}

function clamped(shares: number | bigint | undefined): number | undefined {
  if (shares === undefined || BigInt(shares) === 0n) return undefined
  return Math.min(Math.max(Number(shares), 2), 262144)
}

function refuseOthers({ blockIO = {} }: OciResources, path: string): void {
  const refuse = (member: string, why: string): never => { throw new ConfigError(`${path}.${member}`, `it is not supported: ${why}`) }
  const zero = (value: unknown) => value === undefined || value === null || value === 0 || value === -1
  const gone = 'it went with the CFQ scheduler, and no kernel since Linux 5.0 has it'
  if (!zero(blockIO.leafWeight)) refuse('blockIO.leafWeight', gone)
  for (const [i, { leafWeight }] of (blockIO.weightDevice ?? []).entries()) if (!zero(leafWeight)) refuse(`blockIO.weightDevice[${i}].leafWeight`, gone)
}

/**
 * @throws ConfigError what only version 1 of cgroups has, where memory is on version 2: a property that cannot be applied is an error (OCI
 *   runtime-spec runtime.md, Errors)
 */
export function checkMemoryVersion({ hierarchies }: Layout, { memory = {} }: OciResources, path = 'linux.resources'): void {
  if (!hierarchies.some(({ version, controllers }) => version === 2 && controllers.includes('memory'))) return
  if (memory.disableOOMKiller) throw new ConfigError(`${path}.memory.disableOOMKiller`, 'cgroup version 2 cannot switch it off; unified["memory.high"] slows a container down before it is killed')
  if ((memory.kernelTCP ?? 0) > 0) throw new ConfigError(`${path}.memory.kernelTCP`, 'cgroup version 2 counts buffers of TCP as memory, and limits them with it: memory.limit')
}

/**
 * `unified`: files of the v2 group by name. Where a controller is on version 1, the specification has another member for it.
 *
 * @throws ConfigError there is no version 2 here, or it does not have the controller
 */
export function unifiedWrites({ hierarchies }: Layout, { unified = new Map<string, string>() }: OciResources, path = 'linux.resources'): LimitWrite[] {
  const v2 = hierarchies.find(({ version }) => version === 2)
  return [...unified].map(([file, value]) => {
    const controller = file.split('.')[0]!
    if (!v2 || (controller !== 'cgroup' && !v2.controllers.includes(controller))) throw new ConfigError(`${path}.unified[${JSON.stringify(file)}]`, `${JSON.stringify(value)} cannot be set: no hierarchy of cgroup v2 here has the controller ${controller}`)
    return { controller, file, value }
  })
}

/** What every container may open, whatever is asked for: to make nodes, and the devices of the specification and of terminals. */
const always: readonly DeviceRule[] = [
  { allow: true, type: 'c', access: 'm' }, { allow: true, type: 'b', access: 'm' },
  ...[[1, 3], [1, 5], [1, 7], [1, 8], [1, 9], [5, 0], [5, 2]].map(([major, minor]): DeviceRule => ({ allow: true, type: 'c', major: major!, minor: minor! })), { allow: true, type: 'c', major: 136 },
]

/**
 * Which devices may be opened, for `setDevices` of @ctr/cgroup: the last rule that fits decides, and without any nothing may be opened.
 * What may make a device node could else read the host's disks.
 *
 * @see OCI runtime-spec config-linux.md, Allowed Device list
 */
export function deviceRules({ devices = [] }: OciResources): DeviceRule[] {
  const asked = devices.map(({ allow, type, major, minor, access }): DeviceRule => ({
    allow, type: type || 'a', ...(major === undefined || major < 0 ? {} : { major }), ...(minor === undefined || minor < 0 ? {} : { minor }), ...(access ? { access } : {}),
  }))
  return [...asked, ...always]
}
