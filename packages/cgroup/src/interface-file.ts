import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { CgroupError } from './cgroup-error.ts'
import { placeOf, type Group } from './group.ts'

/**
 * The text of one of the group's interface files, final newline included.
 *
 * The controller in the name selects the hierarchy; `tasks`, `cgroup.procs` and other files of every group are read in the first one.
 *
 * @param file 'memory.max'
 * @throws CgroupError ENOENT no such group, or no such file in it; EOPNOTSUPP `cgroup.procs` of a threaded group
 */
export function read(group: Group, file: string): string {
  return readText(`${directoryOf(group, file)}/${file}`)
}

/**
 * The interface file has taken the value, in one write(2).
 *
 * @param file 'memory.max'
 * @param value written as it is
 * @throws CgroupError with the errno of open(2) or write(2)
 */
export function write(group: Group, file: string, value: string): void {
  writeText(`${directoryOf(group, file)}/${file}`, value)
}

/** The directory that has `file`. */
export function directoryOf(group: Group, file: string): string {
  const prefix = file.slice(0, Math.max(0, file.indexOf('.')))
  const unified = placeOf(group, 'unified')
  // PSI exists in the v2 hierarchy only, also where the controller of the same name is on v1.
  const place = prefix === 'cgroup' || file.endsWith('.pressure') ? (unified ?? group.places[0]) : prefix === '' ? group.places[0] : (placeOf(group, prefix) ?? unified)
  if (place) return place.directory
  throw new CgroupError({ code: 'ENOENT', syscall: 'open', action: `find ${file} of ${group.path}`, hint: `the group lives in no hierarchy with the ${prefix} controller` })
}

// Interface files are rendered whole at the first read; a page is nearly always enough, and readFileSync would add fstat.
const page = Buffer.allocUnsafeSlow(4096)

export function readText(path: string): string {
  const fd = attempt('open', path, undefined, () => openSync(path, constants.O_RDONLY))
  try {
    let text = ''
    for (;;) {
      const length = attempt('read', path, undefined, () => readSync(fd, page, 0, page.length, null))
      text += page.toString('latin1', 0, length)
      if (length === 0) return text
      // A short read may still be followed by more (seq_file stops at whole records): only a read of 0 is the end, except for the usual one-liner.
      if (length < 1024 && text.endsWith('\n')) return text
    }
  } finally {
    closeSync(fd)
  }
}

export function writeText(path: string, value: string): void {
  // Not writeFileSync: O_CREAT on a missing interface file is EACCES or EPERM, which hides the ENOENT that tells the cause.
  const fd = attempt('open', path, value, () => openSync(path, constants.O_WRONLY))
  try {
    attempt('write', path, value, () => writeSync(fd, value))
  } finally {
    closeSync(fd)
  }
}

function attempt<T>(syscall: string, path: string, value: string | undefined, run: () => T): T {
  try {
    return run()
  } catch (error) {
    const { code = 'EIO', errno } = error as NodeJS.ErrnoException
    // libuv calls 95 ENOTSUP, as POSIX has it; the kernel and its documents call it EOPNOTSUPP.
    throw new CgroupError({ code: code === 'ENOTSUP' ? 'EOPNOTSUPP' : code, syscall, path, ...(errno === undefined ? {} : { errno }), ...(value === undefined ? {} : { value }) })
  }
}
