import type { Caller } from '../caller.ts'
import { isRootless } from '../caller.ts'
import type { OciConfig } from './config-shape.ts'
import { ConfigError } from './shape.ts'

/** Whether the container is in the mount namespace of who makes it: then its root is a directory of the host, and nothing can be mounted for it. */
export const sharesMounts = ({ linux = {} }: OciConfig): boolean => !linux.namespaces?.some(({ type }) => type === 'mount')

/**
 * What takes a mount is refused where there is no mount namespace. The specification has the container inherit the runtime's then; a mount
 * in it would be one of the host, for all to see, and nothing would take it away again.
 *
 * @throws ConfigError
 */
export function checkWithoutMounts({ root, mounts = [], process, hooks, linux = {} }: OciConfig, caller: Caller): void {
  const refuse = (path: string, what: string): never => { throw new ConfigError(path, `${what}, which it cannot be without a mount namespace in linux.namespaces: it would be made on the host, and stay there`) }
  if (mounts.length > 0) refuse('mounts[0]', 'it would have to be mounted')
  if (root?.readonly) refuse('root.readonly', 'a root that is read-only is a mount')
  if (linux.maskedPaths?.length) refuse('linux.maskedPaths', 'what masks a path is a mount')
  if (linux.readonlyPaths?.length) refuse('linux.readonlyPaths', 'a path that is read-only is a mount')
  if (process?.terminal) refuse('process.terminal', 'its devpts would have to be mounted')
  if (linux.namespaces?.some(({ type }) => type === 'user') || isRootless(caller)) throw new ConfigError('linux.namespaces', 'a mount namespace is needed, new or by path: the devices of a container in a user namespace are bound, and would be so on the host, and stay there')
  if (hooks?.startContainer?.length) throw new ConfigError('hooks.startContainer', 'these are files of the container, and without a mount namespace in linux.namespaces there is none whose root they could be found from')
}
