import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Mount } from '@ctr/procfs'
import { readJson } from '../json/read-json.ts'
import { OciError } from '../oci-error.ts'
import { linkOf } from './links-of.ts'

/**
 * What a container has as 0, 1 and 2 is its caller's: at the other end of a pipe is somebody else, and a file may be on a mount that only the host has.
 * A restored one gets those of who restores it. As runc does, it is written down beside the images under which names CRIU knows them.
 */
const file = 'descriptors.json'

/** A pipe of the caller's, as the link to it says; or `file[MOUNT:INODE]`, and behind a blank where it led. */
const isPipe = (text: string) => text.startsWith('pipe:[')
const filePattern = /^(file\[[\da-f]+:[\da-f]+\]) (.*)$/s

/**
 * The names of what is the caller's.
 *
 * @param first links that it was made with: a pipe that it has now may be its own
 * @param mounts of the process: a file that is on none of them is not its own
 */
export function callersOwn(pid: number, first: readonly string[], mounts: readonly Mount[]): string[] {
  return [0, 1, 2].map((fd) => {
    const link = linkOf(pid, fd)
    if (isPipe(link)) return first.includes(link) ? link : ''
    if (!link.startsWith('/')) return link
    const mount = Number(/^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1])
    if (mounts.some(({ id }) => id === mount)) return link
    return `file[${mount.toString(16)}:${statSync(`/proc/${pid}/fd/${fd}`, { bigint: true }).ino.toString(16)}] ${link}`
  })
}

/** Of those names, what CRIU is not to write down. */
export const externalFiles = (names: readonly string[]): string[] => names.flatMap((name) => filePattern.exec(name)?.[1] ?? [])

export const writeDescriptors = (images: string, names: readonly string[]): void => writeFileSync(join(images, file), JSON.stringify(names), { mode: 0o600 })

/** @throws OciError there is no checkpoint, or not a whole one */
export function readDescriptors(images: string): string[] {
  const path = join(images, file)
  let names: unknown
  try {
    names = readJson(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new OciError(`${images} is not a checkpoint: there is no ${file} in it`, { code: 'ENOENT', cause: error })
    throw error
  }
  if (!Array.isArray(names) || names.length > 3 || !names.every((name) => typeof name === 'string')) throw new OciError(`${path} is not what checkpoint writes: a list of at most three texts is wanted`)
  return names as string[]
}

/** Of 0, 1 and 2: what CRIU is to find under that name. */
export interface Inherited {
  readonly fd: number
  readonly key: string
  /** It was /dev/null, and is again: a caller's may be another kind of file, which CRIU refuses. */
  readonly nowhere: boolean
}

export function inherited(names: readonly string[]): Inherited[] {
  return names.flatMap((name, fd): Inherited[] => {
    if (isPipe(name)) return [{ fd, key: name, nowhere: false }]
    const [, key, path] = filePattern.exec(name) ?? []
    return key === undefined ? [] : [{ fd, key, nowhere: path === '/dev/null' }]
  })
}
