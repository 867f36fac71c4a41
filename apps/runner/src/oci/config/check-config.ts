import { defaultDevices } from '@ctr/rootfs'
import { checkMount } from './check-mounts.ts'
import type { OciConfig } from './config-shape.ts'
import type { OciNamespace } from './linux-shape.ts'
import { ConfigError } from './shape.ts'
import { checkSysctl } from './check-sysctl.ts'

/**
 * What the members of a configuration say of each other is possible. The first that is not is thrown, with its path.
 *
 * @throws ConfigError
 */
export function checkConfig(config: OciConfig): void {
  const { linux = {}, hostname = '', domainname = '' } = config
  const { namespaces = [], uidMappings, gidMappings, timeOffsets, sysctl = new Map(), rootfsPropagation = '' } = linux
  const has = (type: OciNamespace['type']) => namespaces.some((each) => each.type === type)
  const makes = (type: OciNamespace['type']) => namespaces.some((each) => each.type === type && !each.path)
  if (hostname !== '' && !has('uts')) throw new ConfigError('hostname', `${JSON.stringify(hostname)} would be the name of the host: it needs a uts namespace in linux.namespaces`)
  if (domainname !== '' && !has('uts')) throw new ConfigError('domainname', `${JSON.stringify(domainname)} would be the domain of the host: it needs a uts namespace in linux.namespaces`)
  for (const [name, maps] of Object.entries({ uidMappings, gidMappings })) {
    if (maps && !has('user')) throw new ConfigError(`linux.${name}`, 'it needs a user namespace in linux.namespaces')
    if (!maps && makes('user')) throw new ConfigError(`linux.${name}`, 'a new user namespace needs it')
  }
  if (timeOffsets && !makes('time')) throw new ConfigError('linux.timeOffsets', 'it needs a new time namespace in linux.namespaces')
  for (const [key, value] of sysctl) checkSysctl(key, value, has)
  if (rootfsPropagation !== '' && !has('mount')) throw new ConfigError('linux.rootfsPropagation', 'it needs a mount namespace in linux.namespaces')
  for (const key of linux.resources?.unified?.keys() ?? []) {
    if (!/^[a-z][\w-]*(\.[\w-]+)+$/i.test(key)) throw new ConfigError(`linux.resources.unified[${JSON.stringify(key)}]`, 'it is not the name of a file of a group')
  }
  if (linux.cgroupsPath !== undefined && /(^|\/)(cgroup\.[a-z.]+|tasks)(\/|$)/.test(linux.cgroupsPath)) throw new ConfigError('linux.cgroupsPath', `${JSON.stringify(linux.cgroupsPath)} is the name of a file of a group`)
  for (const [i, { path, type, major, minor }] of (linux.devices ?? []).entries()) {
    const given = defaultDevices.find(({ name }) => path === `/dev/${name}`)
    if (given && (type === 'b' || type === 'p' || given.major !== major || given.minor !== minor)) throw new ConfigError(`linux.devices[${i}]`, `${path} is the character device ${given.major}:${given.minor}`)
  }
  for (const [i, mount] of (config.mounts ?? []).entries()) checkMount(mount, `mounts[${i}]`, { userNamespace: has('user') })
}
