import type { OciProcess } from './config/process-shape.ts'

/** The environment of a command, as execve takes it. */
export interface Environment {
  readonly variables: readonly string[]
  /** PATH, where there is one. */
  readonly path: string | undefined
}

/**
 * What comes twice counts the last time: programs look for the first. HOME is that of the user in the image, unless it is given.
 *
 * @see getenv(3)
 */
export function environmentOf({ env = [] }: Pick<OciProcess, 'env'>, { home }: { readonly home?: string | undefined } = {}): Environment {
  const byName = new Map<string, string>()
  for (const variable of env) {
    const name = variable.split('=', 1)[0]!
    byName.delete(name)
    byName.set(name, variable)
  }
  if (home !== undefined && !byName.has('HOME')) byName.set('HOME', `HOME=${home}`)
  return { variables: [...byName.values()], path: byName.get('PATH')?.slice('PATH='.length) }
}
