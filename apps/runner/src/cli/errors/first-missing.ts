import { lstatSync } from 'node:fs'

/** The first part of an absolute path that is not there; undefined where all of it is, or it cannot be seen. */
export function firstMissing(path: string): string | undefined {
  const parts = path.split('/').filter(Boolean)
  for (let i = 1; i <= parts.length; i++) {
    const part = `/${parts.slice(0, i).join('/')}`
    try {
      lstatSync(part)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ENOENT' ? part : undefined
    }
  }
  return undefined
}
