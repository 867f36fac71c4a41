import { posix } from 'node:path'
import { parseMountOptions } from '@ctr/rootfs'
import type { OciMount } from './config-shape.ts'
import { ConfigError, quoted } from './shape.ts'

/** Files of /proc that a container may have another of: they tell about the machine and steer nothing. */
const replaceable: ReadonlySet<string> = new Set(['cpuinfo', 'diskstats', 'loadavg', 'meminfo', 'net/dev', 'slabinfo', 'stat', 'swaps', 'uptime', 'sys/kernel/ns_last_pid', 'sys/crypto/fips_enabled'].map((name) => `/proc/${name}`))

/** Most are written so that nothing is to be changed in them. */
const asItIs = /^(\/[^/.][^/]*)+$/

/** The place of a mount, as it is written: an absolute path without `.` and `..`. */
export const destinationOf = ({ destination }: Pick<OciMount, 'destination'>): string => (asItIs.test(destination) ? destination : posix.normalize(posix.join('/', destination)).replace(/(.)\/+$/, '$1'))

/** Whether a mount shows a file or directory of the host. */
export function isBind({ type, options = [] }: Pick<OciMount, 'type' | 'options'>): boolean {
  return type === 'bind' || options.some((option) => option === 'bind' || option === 'rbind')
}

/** @throws ConfigError */
export function checkMount(mount: OciMount, path: string, { userNamespace }: { readonly userNamespace: boolean }): void {
  const { source = '', type = '', options = [] } = mount
  const destination = destinationOf(mount)
  if (destination === '/') throw new ConfigError(`${path}.destination`, `${JSON.stringify(mount.destination)} is the root itself`)
  try {
    parseMountOptions(options)
  } catch (error) {
    throw new ConfigError(`${path}.options`, (error as Error).message)
  }
  if (isBind(mount) && source === '') throw new ConfigError(`${path}.source`, 'a bind mount needs it')
  if (options.includes('remount')) return
  if (options.includes('tmpcopyup') && type !== 'tmpfs') throw new ConfigError(`${path}.options`, 'tmpcopyup is for a tmpfs')
  if (!isBind(mount) && type === '') throw new ConfigError(`${path}.type`, 'a mount that is no bind mount needs it')
  // Whoever chooses what is at /proc chooses where labels and parameters are written (CVE-2019-16884).
  if (destination === '/proc' && type !== 'proc' && !isBind(mount)) throw new ConfigError(`${path}.destination`, `/proc can only be a proc file system, not ${quoted(type)}`)
  if (destination === '/proc' && isBind(mount) && posix.normalize(source) !== '/proc') throw new ConfigError(`${path}.destination`, `/proc can only be a proc file system, not ${quoted(source)}`)
  if (destination.startsWith('/proc/') && !replaceable.has(destination)) throw new ConfigError(`${path}.destination`, `${quoted(mount.destination)} is in /proc: only ${[...replaceable].join(', ')} may be mounted on`)
  if ((mount.uidMappings === undefined) !== (mount.gidMappings === undefined)) throw new ConfigError(`${path}.${mount.uidMappings ? 'gidMappings' : 'uidMappings'}`, 'uidMappings and gidMappings go together')
  const word = options.find((option) => option === 'idmap' || option === 'ridmap')
  const member = mount.uidMappings ? 'uidMappings' : 'options'
  if ((mount.uidMappings || word !== undefined) && !isBind(mount)) throw new ConfigError(`${path}.${member}`, 'only of a bind mount the IDs can be mapped')
  if (word !== undefined && !mount.uidMappings && !userNamespace) throw new ConfigError(`${path}.options`, `${word} needs uidMappings and gidMappings, or a user namespace in linux.namespaces to take them from`)
}
