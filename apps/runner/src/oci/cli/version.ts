import { readFileSync } from 'node:fs'

/** The version of the specification that is kept to. */
export const ociVersionMax = '1.3.0'

/** Docker looks for `runc version`, and for `commit`: what it finds it only shows. */
export function versionText(): string {
  return `runc version ${packageVersion()} (ctrun-oci)\ncommit: ${packageVersion()}\nspec: ${ociVersionMax}`
}

export function packageVersion(): string {
  // Beside dist/ and src/ alike.
  for (const path of ['../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { name?: string; version?: string }
      if (name === '@ctr/runner' && version !== undefined) return version
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return '0.0.0'
}
