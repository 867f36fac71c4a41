import type { Program } from '@ctr/syscall'
import { bind } from '../src/index.ts'

const root = { fd: 'root' }

/** The programs of the host, read-only, in a root that is open as `root`: for roots that have none. */
export const programs: Program = ['usr', 'bin', 'lib', 'lib64'].flatMap((name) => bind({ source: `/${name}`, root, path: `/${name}`, kind: 'directory', create: true, readOnly: true }))
