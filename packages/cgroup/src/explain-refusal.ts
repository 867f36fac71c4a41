import { basename, dirname, join } from 'node:path'
import { CgroupError } from './cgroup-error.ts'
import { hintOf } from './hint.ts'
import { readText } from './interface-file.ts'

/** The same error with a probed cause; anything else unchanged. */
export function explained(error: unknown, version: 1 | 2, action: string): unknown {
  if (!(error instanceof CgroupError) || error.path === undefined) return error
  const directory = dirname(error.path)
  const hint =
    error.hint ??
    hintOf(error.code, basename(error.path), version, error.value ?? '', (file) => {
      try {
        return readText(join(directory, file))
      } catch {
        return undefined
      }
    })
  return new CgroupError({
    code: error.code,
    syscall: error.syscall,
    path: error.path,
    action,
    ...(error.errno === undefined ? {} : { errno: error.errno }),
    ...(error.value === undefined ? {} : { value: error.value }),
    ...(hint === undefined ? {} : { hint }),
  })
}
