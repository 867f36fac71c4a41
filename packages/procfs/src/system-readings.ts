import { bootId } from './boot-id.ts'
import { parseBuddyinfo } from './buddyinfo.ts'
import { parseCgroups } from './cgroups.ts'
import { parseCpuinfo } from './cpuinfo.ts'
import { parseDevices } from './devices.ts'
import type { Directory } from './directory.ts'
import { parseDiskstats } from './diskstats.ts'
import { errorCode } from './error-code.ts'
import { parseFilesystems } from './filesystems.ts'
import { parseInterrupts, parseSoftirqs } from './interrupts.ts'
import { parseKernelCmdline } from './kernel-cmdline.ts'
import { parseLoadavg } from './loadavg.ts'
import { parseLocks } from './locks.ts'
import { parseMeminfo } from './meminfo.ts'
import { parseModules } from './modules.ts'
import { parsePartitions } from './partitions.ts'
import { parsePressure, type Pressure } from './pressure.ts'
import { file, list, type Reading, text } from './reading.ts'
import { parseSlabinfo } from './slabinfo.ts'
import { parseSwaps } from './swaps.ts'
import { sysctlName, sysctlPath } from './sysctl.ts'
import { parseSystemStat } from './system-stat.ts'
import { parseSysvMsg } from './sysvipc/msg.ts'
import { parseSysvSem } from './sysvipc/sem.ts'
import { parseSysvShm } from './sysvipc/shm.ts'
import { parseUptime } from './uptime.ts'
import { parseVersion } from './version.ts'
import { parseVmstat } from './vmstat.ts'
import { parseZoneinfo } from './zoneinfo.ts'

function* sysctls(directory: Directory, prefix = ''): Reading<string[]> {
  const names: string[] = []
  const top = prefix === '' ? 'sys' : sysctlPath(prefix, 'list')
  const pending = [top]
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    try {
      for (const name of yield* list(directory, path)) pending.push(`${path}/${name}`)
    } catch (error) {
      const code = errorCode(error)
      if (code === 'ENOTDIR') names.push(sysctlName(path))
      // An interface, and with it its parameters, can go away meanwhile.
      else if (code !== 'ENOENT' || path === top) throw error
    }
  }
  return names.sort()
}

/** The files of the machine: what becomes a method of Procfs and of AsyncProcfs. */
export const SYSTEM_READINGS = {
  /** Any file below the root as text: what this package has no reader for. */
  read: (directory: Directory, name: string): Reading<string> => text(directory, name),
  meminfo: file('meminfo', parseMeminfo),
  stat: file('stat', parseSystemStat),
  loadavg: file('loadavg', parseLoadavg),
  uptime: file('uptime', parseUptime),
  cpuinfo: file('cpuinfo', parseCpuinfo),
  vmstat: file('vmstat', parseVmstat),
  diskstats: file('diskstats', parseDiskstats),
  partitions: file('partitions', parsePartitions),
  swaps: file('swaps', parseSwaps),
  /** The file systems that the kernel knows now: a module that is not loaded is not among them. */
  filesystems: file('filesystems', parseFilesystems),
  devices: file('devices', parseDevices),
  /** The modules that are loaded. ENOENT on a kernel without modules. */
  modules: file('modules', parseModules),
  interrupts: file('interrupts', parseInterrupts),
  softirqs: file('softirqs', parseSoftirqs),
  buddyinfo: file('buddyinfo', parseBuddyinfo),
  zoneinfo: file('zoneinfo', parseZoneinfo),
  /** Needs root: EACCES. */
  slabinfo: file('slabinfo', parseSlabinfo),
  locks: file('locks', parseLocks),
  /** The controllers of control groups. */
  cgroups: file('cgroups', parseCgroups),
  version: file('version', parseVersion),
  /** The command line of the kernel. */
  cmdline: file('cmdline', parseKernelCmdline),
  /** System V message queues of the reader's IPC namespace. Needs CONFIG_SYSVIPC: ENOENT. */
  sysvipcMsg: file('sysvipc/msg', parseSysvMsg),
  /** System V semaphore sets of the reader's IPC namespace. */
  sysvipcSem: file('sysvipc/sem', parseSysvSem),
  /** System V shared memory of the reader's IPC namespace. */
  sysvipcShm: file('sysvipc/shm', parseSysvShm),
  /** Pressure stall information. ENOENT on a kernel without PSI, EOPNOTSUPP where it is switched off. */
  pressure: function* (directory: Directory, resource: 'cpu' | 'memory' | 'io' | 'irq'): Reading<Pressure> {
    return parsePressure(yield* text(directory, `pressure/${resource}`), `${directory.path}/pressure/${resource}`)
  },
  /**
   * The value of a kernel parameter, without the newline that ends it; ENOENT when there is none of that name.
   *
   * @param name with dots, as for sysctl(8); a dot within a name is a slash: `net.ipv4.conf.eth0/1.forwarding`
   * @see proc_sys(5)
   * @example
   * Number(proc.sysctl('kernel.pid_max')) // e.g. 4194304
   */
  sysctl: function* (directory: Directory, name: string): Reading<string> {
    return (yield* text(directory, sysctlPath(name, 'read'))).replace(/\n$/, '')
  },
  /**
   * The names of all kernel parameters, or of those under a prefix, as {@link SYSTEM_READINGS.sysctl} takes them; of some,
   * reading is not permitted.
   *
   * @example
   * proc.sysctls('net.ipv4.conf.lo')
   */
  sysctls,
  bootId,
} as const
