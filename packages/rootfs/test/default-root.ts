import { existsSync, statSync } from 'node:fs'
import { sys, type Program } from '@ctr/syscall'
import { defaultMaskedPaths, defaultReadOnlyPaths, dev, mask, openNull, pivotRoot, privatePropagation, proc, readOnlyPaths, sysfs, type NodeMethod } from '../src/index.ts'

/** What is where, as the caller of the package finds out. */
export function kinds(paths: readonly string[]) {
  return paths.filter((path) => existsSync(path)).map((path) => ({ path, kind: statSync(path).isDirectory() ? 'directory' as const : 'file' as const }))
}

/** All that a container of today has, on a root. */
export function container(rootProgram: Program, { pivot = true, nodes = 'mknod', nullSource }: { readonly pivot?: boolean; readonly nodes?: NodeMethod; readonly nullSource?: Program } = {}): Program {
  const root = { fd: 'root' }
  const within = { '/proc': { fd: 'proc' }, '/sys': { fd: 'sys' } }
  return [
    ...privatePropagation(), ...(nullSource ?? openNull()), ...rootProgram,
    ...proc({ root, as: 'proc' }), ...sysfs({ root, as: 'sys' }), ...dev({ root, nodes }),
    ...mask({ root, paths: kinds(defaultMaskedPaths), nullSource: { fd: 'null' }, within }),
    ...readOnlyPaths({ root, paths: kinds(defaultReadOnlyPaths), within }),
    sys.close({ fd: 'proc' }, 'no more masks'), sys.close({ fd: 'sys' }, 'no more masks'),
    ...(pivot ? pivotRoot({ root }) : []),
  ]
}
