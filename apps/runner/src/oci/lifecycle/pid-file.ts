import { renameSync, writeFileSync } from 'node:fs'

/** As a whole: an engine may be watching for the file. */
export function writePidFile(path: string, pid: number): void {
  writeFileSync(`${path}.new`, String(pid))
  renameSync(`${path}.new`, path)
}
