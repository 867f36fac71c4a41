import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A directory for one test, with `root` for the container and `host` for what it must not reach. */
export function scratch() {
  const top = mkdtempSync('/tmp/ctr-rootfs-')
  directories.push(top)
  // Not a hook of this module: where one worker has several test files, it is evaluated for the first of them only.
  onTestFinished(() => {
    directories.splice(directories.indexOf(top), 1)
    rmSync(top, { recursive: true, force: true })
  })
  const [root, host] = [join(top, 'root'), join(top, 'host')]
  for (const directory of [root, host]) mkdirSync(directory)
  return { top, root, host }
}

const directories: string[] = []

export function scratchDirectories(): readonly string[] {
  return directories
}

/** Everything below a directory, and the mounts of the host: what must be the same afterwards. */
export function snapshot(directory: string): string[] {
  const seen: string[] = [readFileSync('/proc/1/mountinfo', 'utf8')]
  const walk = (path: string) => {
    const { mode, uid, size, mtimeMs, nlink } = lstatSync(path)
    const kind = mode & 0o170000
    seen.push([path, mode, uid, size, mtimeMs, nlink, kind === 0o120000 ? readlinkSync(path) : kind === 0o100000 ? readFileSync(path, 'utf8') : ''].join(' '))
    if (kind === 0o040000) for (const name of readdirSync(path).sort()) walk(join(path, name))
  }
  walk(directory)
  return seen
}
