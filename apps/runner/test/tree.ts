import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Every file below a directory with type, mode, owner, times and contents: equal when nothing has been touched. */
export function tree(path: string): string[] {
  const stat = lstatSync(path, { bigint: true })
  const content = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : stat.isSymbolicLink() ? readlinkSync(path) : ''
  const own = `${path} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs} ${content}`
  return [own, ...(stat.isDirectory() ? readdirSync(path).sort().flatMap((name) => tree(`${path}/${name}`)) : [])]
}
