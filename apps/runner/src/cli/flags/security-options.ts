import { readFileSync } from 'node:fs'
import type { ContainerConfig } from '../../config.ts'
import { UsageError } from '../errors/usage-error.ts'

/** What `--security-opt` says, each time it is given: the last one of a kind counts. */
export function securityOptions(options: readonly string[]): Pick<ContainerConfig, 'noNewPrivileges' | 'seccomp'> {
  return Object.assign({}, ...options.map(securityOption))
}

function securityOption(option: string): Pick<ContainerConfig, 'noNewPrivileges' | 'seccomp'> {
  const [, name, value] = /^([^=:]+)(?:[=:](.*))?$/s.exec(option) ?? []
  if (name === 'no-new-privileges' && (value === undefined || value === 'true' || value === 'false')) return { noNewPrivileges: value !== 'false' }
  if (name === 'seccomp' && value) return { seccomp: value === 'unconfined' || value === 'default' ? value : readProfile(value) }
  throw new UsageError(`--security-opt ${JSON.stringify(option)} is not supported`, { id: 'unsupported-flag', fix: ['no-new-privileges, seccomp=unconfined, or seccomp=FILE with a profile in OCI\'s or Docker\'s form'] })
}

/** What is in it is checked with the rest of the configuration. */
function readProfile(file: string): Exclude<ContainerConfig['seccomp'], string | undefined> {
  let profile: unknown
  try {
    profile = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new UsageError(`--security-opt seccomp=${file} cannot be read: ${code === 'ENOENT' ? 'it does not exist' : code ?? message}`, { id: 'seccomp-profile' })
  }
  if (typeof profile !== 'object' || profile === null || !('defaultAction' in profile)) throw new UsageError(`--security-opt seccomp=${file} is no profile: it has no defaultAction`, { id: 'seccomp-profile' })
  return profile as Exclude<ContainerConfig['seccomp'], string | undefined>
}
