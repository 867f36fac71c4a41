import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../errors/usage-error.ts'
import { firstMissing } from '../errors/first-missing.ts'
import { nearest } from '../suggest.ts'

/** The root file system that IMAGE means: `host`, or a directory. */
export function rootfsOf(image: string): string {
  if (image === 'host') return image
  if (image.includes('\0')) throw new UsageError('IMAGE has a NUL byte in it', { id: 'nul' })
  const path = resolve(image)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isDirectory()) return path
  if (stat) throw new UsageError(`IMAGE ${JSON.stringify(image)} is a file, not a directory`, { id: 'image-not-directory', fix: ['unpack it, and name the directory'] })
  if (nearest(image, ['host']) !== undefined) throw new UsageError(`there is no directory ${JSON.stringify(image)}`, { id: 'no-image', fix: ['did you mean host?'] })
  if (/^[.~]?\//.test(image) || image.includes('/')) {
    const missing = firstMissing(path)
    throw new UsageError(`IMAGE ${image} does not exist`, { id: 'no-image', fix: [missing === undefined || missing === path ? `make the directory ${path}` : `${missing} is the first part that is missing`] })
  }
  throw new UsageError(`there is no image or directory ${JSON.stringify(image)}`, { id: 'no-image', fix: ['IMAGE is host, for this machine\'s own files, or a directory', 'images are not pulled from registries: unpack one into a directory'] })
}
