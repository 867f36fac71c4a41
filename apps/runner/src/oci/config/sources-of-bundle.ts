import { posix } from 'node:path'
import { isBind } from './check-mounts.ts'
import type { OciConfig } from './config-shape.ts'

/**
 * The configuration with sources of bind mounts as absolute paths: the others begin at the bundle, wherever we are. As runc has it, `..` is
 * taken away from the text, before any symbolic link is followed.
 *
 * @param bundle absolute
 * @see OCI runtime-spec config.md, Mounts
 */
export function withSourcesOf(bundle: string, config: OciConfig): OciConfig {
  const { mounts } = config
  return mounts === undefined ? config : { ...config, mounts: mounts.map((mount) => (isBind(mount) && mount.source ? { ...mount, source: posix.resolve(bundle, mount.source) } : mount)) }
}
