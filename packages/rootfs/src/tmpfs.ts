import { sys, type Constant, type FdRef, type Program } from '@ctr/syscall'
import { attach, filesystem } from './filesystem.ts'
import { target } from './target.ts'

export interface TmpfsOptions {
  readonly root: FdRef
  readonly path: string
  /** Default: half of the memory (tmpfs(5)). */
  readonly sizeBytes?: number
  /** Of its root directory. Default 0o1777. */
  readonly mode?: number
  readonly data?: readonly string[]
  /** Default: no setuid programs, no devices. */
  readonly attributes?: readonly Constant<'mount_attr'>[]
  /** Make the directory if it is missing. Default false. */
  readonly create?: boolean
}

/** An empty file system in memory is mounted at a path of the container. @see tmpfs(5) */
export function tmpfs({ root, path, sizeBytes, mode, data = [], attributes = ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV'], create = false }: TmpfsOptions): Program {
  const options = [...(mode === undefined ? [] : [`mode=${mode.toString(8)}`]), ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]), ...data]
  return [
    ...filesystem({ type: 'tmpfs', source: 'tmpfs', data: options, attributes, as: 'tmpfs' }),
    ...target({ root, path, kind: 'directory', create, as: 'target' }),
    ...attach({ fd: 'tmpfs' }, { fd: 'target' }),
    sys.close({ fd: 'target' }, 'descriptors of the root must not stay open'),
    sys.close({ fd: 'tmpfs' }, 'the mount keeps its place without a descriptor'),
  ]
}
