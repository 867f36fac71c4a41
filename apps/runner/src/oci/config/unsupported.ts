import type { OciConfig } from './config-shape.ts'
import type { OciProcess } from './process-shape.ts'
import { ConfigError } from './shape.ts'

/** What a configuration may ask for and is not done: said, with its path, instead of left out in silence. */
export function refuseUnsupported(config: OciConfig): void {
  const { linux = {} } = config
  const refuse = (path: string, why: string): never => { throw new ConfigError(path, `it is not supported: ${why}`) }
  if (config.process) refuseUnsupportedProcess(config.process, 'process')
  if (linux.mountLabel) refuse('linux.mountLabel', 'this runtime does not label files for SELinux')
  if (linux.intelRdt) refuse('linux.intelRdt', 'resource control (resctrl) is not part of this runtime')
}

/** @param path of the process: `process` in a configuration, nothing in a file of its own */
export function refuseUnsupportedProcess(process: OciProcess, path: string): void {
  const at = (member: string) => (path === '' ? member : `${path}.${member}`)
  const refuse = (member: string, why: string): never => { throw new ConfigError(at(member), `it is not supported: ${why}`) }
  if (process.selinuxLabel) refuse('selinuxLabel', 'SELinux labels are not applied by this runtime')
}
