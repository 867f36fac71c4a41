import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { isRootless, readCaller } from '../caller.ts'
import type { GroupMode, CriuOptions } from '../criu/messages.ts'
import { OciError } from '../oci-error.ts'

/** What checkpoint and restore have in common. */
export interface CriuWishes {
  /** `--criu`: the file of CRIU, or its name in PATH. */
  readonly criu?: string | undefined
  /** Where the images are: `--image-path`. Default: `checkpoint` in the working directory. */
  readonly images?: string | undefined
  /** Where CRIU works and writes its log: `--work-path`. Default: where the images are. */
  readonly work?: string | undefined
  /** Options of CRIU as they are. */
  readonly passed: Pick<CriuOptions, 'tcp_established' | 'ext_unix_sk' | 'shell_job' | 'file_locks' | 'auto_dedup' | 'lsm_profile' | 'lsm_mount_context'>
  readonly groups: GroupMode
}

/** CLONE_NEWNET (linux/sched.h). The network of a container is made by those who made it: CRIU restores an empty one, and leaves the rest to them, as with runc. */
export const emptyNetwork = 0x40000000

/** CRIU's own configuration for a container: that of this annotation, none where it is empty; else the one that runc has it read. @see criu(8), CONFIGURATION FILES */
export function configFile(annotations: ReadonlyMap<string, string> | undefined): { readonly config_file?: string } {
  const asked = annotations?.get('org.criu.config')
  return asked === '' ? {} : { config_file: asked ?? '/etc/criu/runc.conf' }
}

/** The two directories, absolute; made, where they are to be. */
export function directoriesOf({ images = 'checkpoint', work }: CriuWishes, { make }: { readonly make: boolean }): { readonly images: string; readonly work: string } {
  if (make) mkdirSync(images, { recursive: true, mode: 0o700 })
  if (work !== undefined) mkdirSync(work, { recursive: true, mode: 0o700 })
  return { images: resolve(images), work: resolve(work ?? images) }
}

/** @throws OciError CRIU would be refused what it needs, here and there */
export function checkRoot(): void {
  if (isRootless(readCaller())) throw new OciError('checkpoint and restore are root\'s alone: CRIU needs the rights of root in the first user namespace')
}
