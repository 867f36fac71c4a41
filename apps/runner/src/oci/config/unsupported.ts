import type { OciConfig } from './config-shape.ts'
import { ConfigError } from './shape.ts'

/** What a configuration may ask for and is not done: said, with its path, instead of left out in silence. */
export function refuseUnsupported({ linux = {} }: OciConfig): void {
  const refuse = (path: string, why: string): never => { throw new ConfigError(path, `it is not supported: ${why}`) }
  if (linux.intelRdt) refuse('linux.intelRdt', 'resource control (resctrl) is not part of this runtime')
}
