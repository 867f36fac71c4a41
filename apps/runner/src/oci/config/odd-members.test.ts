import { describe, expect, test } from 'vitest'
import { decodeJson } from '../json/read-json.ts'
import { newLimitsOf } from '../resources.ts'
import { parseConfig } from './read-config.ts'
import { ConfigError } from './shape.ts'

/** A member in each place of a configuration that has most members there are. */
const whole = {
  ociVersion: '1.3.0', root: { path: 'rootfs', readonly: true }, hostname: 'inside', domainname: 'd', annotations: { a: 'b' },
  process: {
    terminal: false, consoleSize: { height: 24, width: 80 }, cwd: '/', args: ['true'], env: ['PATH=/bin'], user: { uid: 0, gid: 0, umask: 18, additionalGids: [1] },
    capabilities: { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'], inheritable: [], ambient: [] }, rlimits: [{ type: 'RLIMIT_NOFILE', soft: 10, hard: 20 }], noNewPrivileges: true,
    apparmorProfile: 'x', selinuxLabel: 'x', oomScoreAdj: 5, scheduler: { policy: 'SCHED_BATCH', nice: 1, priority: 0, flags: [], runtime: 0, deadline: 0, period: 0 }, ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 2 }, execCPUAffinity: { initial: '0', final: '0-1' },
  },
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid'] }, { destination: '/x', type: 'bind', source: '/etc', options: ['rbind'], uidMappings: [{ containerID: 0, hostID: 0, size: 10 }], gidMappings: [{ containerID: 0, hostID: 0, size: 10 }] }],
  hooks: { prestart: [{ path: '/bin/true', args: ['true'], env: ['A=b'], timeout: 5 }] },
  linux: {
    namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'uts' }, { type: 'network' }, { type: 'time' }, { type: 'user', path: '/proc/1/ns/user' }], uidMappings: [{ containerID: 0, hostID: 1, size: 9 }], gidMappings: [{ containerID: 0, hostID: 1, size: 9 }],
    timeOffsets: { monotonic: { secs: 5, nanosecs: 1 } }, devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 }], netDevices: { eth0: { name: 'eth1' } }, cgroupsPath: '/ctr/x', rootfsPropagation: 'slave', mountLabel: 'x',
    sysctl: { 'net.ipv4.ip_forward': '1' }, maskedPaths: ['/proc/kcore'], readonlyPaths: ['/proc/sys'], personality: { domain: 'LINUX' }, memoryPolicy: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] },
    intelRdt: { closID: 'x', l3CacheSchema: 'L3:0=f', memBwSchema: 'MB:0=1', schemata: ['L2:0=1'], enableMonitoring: true },
    seccomp: { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 1, architectures: ['SCMP_ARCH_X86_64'], flags: ['SECCOMP_FILTER_FLAG_LOG'], syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 5, args: [{ index: 0, value: 1, valueTwo: 2, op: 'SCMP_CMP_EQ' }] }] },
    resources: {
      devices: [{ allow: false, access: 'rwm', type: 'c', major: 1, minor: 3 }], memory: { limit: 100, reservation: 100, swap: 200, kernel: -1, kernelTCP: 0, swappiness: 10, disableOOMKiller: false, useHierarchy: true, checkBeforeUpdate: true },
      cpu: { shares: 100, quota: 10000, burst: 0, period: 100000, realtimeRuntime: 0, realtimePeriod: 0, cpus: '0', mems: '0', idle: 0 }, pids: { limit: 10 },
      blockIO: { weight: 100, leafWeight: 0, weightDevice: [{ major: 8, minor: 0, weight: 100, leafWeight: 0 }], throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 100 }] },
      hugepageLimits: [{ pageSize: '2MB', limit: 0 }], network: { classID: 1, priorities: [{ name: 'eth0', priority: 1 }] }, rdma: { mlx5_1: { hcaHandles: 1, hcaObjects: 2 } }, unified: { 'memory.high': '1' },
    },
  },
}

/** Each is JSON, and wrong or odd in most places. */
const odd = ['null', 'true', '-1', '1e400', '18446744073709551616', '""', '"\\u0000"', '"a\\nb"', `"/${'a/'.repeat(2000)}"`, '[{}]', '{"":""}', `${'['.repeat(60)}${']'.repeat(60)}`]

type Path = readonly (string | number)[]

function paths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, each]) => paths(each, [...path, Array.isArray(value) ? Number(key) : key]))]
}

const mark = '@here@'

/** The text of a configuration around this member. */
function around(config: unknown, path: Path): readonly [string, string] {
  const copy = structuredClone({ config }) as Record<string | number, unknown>
  const at = ['config', ...path].slice(0, -1).reduce<Record<string | number, unknown>>((object, key) => object[key] as Record<string | number, unknown>, copy)
  at[['config', ...path].at(-1)!] = mark
  const [before = '', after = ''] = JSON.stringify(copy['config']).split(`"${mark}"`)
  return [before, after]
}

/** What is wrong with how a text is read; undefined where it is taken, or refused as it is to be. */
function complaint(text: string): string | undefined {
  try {
    const config = parseConfig(decodeJson(Buffer.from(text), 'config.json'))
    newLimitsOf(config.linux?.resources ?? {})
    return undefined
  } catch (error) {
    const { name, message } = error as Error
    if (message.includes('\n') || message.length > 1000) return `${name}: ${message.slice(0, 200)}`
    // What is no JSON has a line and a column, what is no configuration a path.
    if (error instanceof ConfigError) return error.path === '' && !message.startsWith('the configuration: ') ? message : undefined
    return error instanceof SyntaxError && message.includes('config.json') ? undefined : `${name}: ${message}`
  }
}

describe('a configuration', () => {
  const base: unknown = whole

  test('is taken as it is', () => { expect(complaint(JSON.stringify(base))).toBeUndefined() })

  // Three thousand texts: two seconds, and ten on a machine that is busy.
  test('with any member made anything: it is taken, or one line says which', { timeout: 120_000 }, () => {
    const complaints = paths(base).flatMap((path) => {
      const [before, after] = around(base, path)
      return odd.flatMap((text) => {
        const said = complaint(before + text + after)
        return said === undefined ? [] : [`${path.join('.')} = ${text.slice(0, 40)}: ${said}`]
      })
    })
    expect(complaints.slice(0, 20)).toEqual([])
  })
})
