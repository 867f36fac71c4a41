import type { OciConfig } from '../config/config-shape.ts'
import { ConfigError } from '../config/shape.ts'

/** Namespaces that the container was given: they are the host's, and are entered again. */
export interface Given {
  readonly type: 'network' | 'pid'
  readonly path: string
  /** What CRIU calls it: the name that runc gives it too. */
  readonly kind: 'net' | 'pid'
  readonly key: string
}

const kinds = { network: { kind: 'net', key: 'extRootNetNS' }, pid: { kind: 'pid', key: 'extRootPidNS' } } as const

/** Those of which CRIU leaves everything as it is. @see criu(8), --external net[INODE]:NAME */
export function externalNamespaces({ linux = {} }: OciConfig): Given[] {
  return (linux.namespaces ?? []).flatMap(({ type, path }) => ((type === 'network' || type === 'pid') && path ? [{ type, path, ...kinds[type] }] : []))
}

const joinable: Readonly<Record<string, string>> = { ipc: 'ipc', uts: 'uts' }

/** Those that a restored container joins. @see criu(8), --join-ns */
export function joinedNamespaces({ linux = {} }: OciConfig): { readonly ns: string; readonly ns_file: string }[] {
  return (linux.namespaces ?? []).flatMap(({ type, path }) => (path && joinable[type] !== undefined ? [{ ns: joinable[type], ns_file: path }] : []))
}

/** @throws ConfigError CRIU cannot have a container like this, or nobody has tried */
export function checkRestorable({ linux = {} }: OciConfig): void {
  const namespaces = linux.namespaces ?? []
  const refuse = (i: number, why: string): never => { throw new ConfigError(`linux.namespaces[${i}]`, why) }
  for (const [i, { type, path }] of namespaces.entries()) {
    if (path && !['network', 'pid', ...Object.keys(joinable)].includes(type)) refuse(i, `CRIU does not put a container into a ${type} namespace that there is: checkpoint and restore are not supported with it`)
    if (type === 'user') refuse(i, 'checkpoint and restore of a container with a user namespace are not supported')
  }
  if (!namespaces.some(({ type }) => type === 'mount')) throw new ConfigError('linux.namespaces', 'checkpoint and restore of a container without a mount namespace are not supported')
  if (!namespaces.some(({ type }) => type === 'pid')) throw new ConfigError('linux.namespaces', 'checkpoint and restore of a container without a pid namespace are not supported: its processes would need the numbers that they had')
}
