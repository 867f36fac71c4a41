import type { CriuWishes } from '../lifecycle/criu-options.ts'
import { groupModes, type GroupMode } from '../criu/messages.ts'
import { OciUsageError, type OciArguments, type OciFlag } from './flags.ts'
import type { OciContext } from './oci-command.ts'

/** What checkpoint and restore have in common. Engines look for names in the help. */
export const criuFlags: readonly OciFlag[] = [
  { name: 'image-path', value: 'DIR', help: 'where the files are; default checkpoint, in the working directory' },
  { name: 'work-path', value: 'DIR', help: 'where CRIU works and writes its log; default where the files are' },
  { name: 'tcp-established', help: 'TCP connections too' },
  { name: 'ext-unix-sk', help: 'UNIX sockets whose other end is outside too' },
  { name: 'shell-job', help: 'a session or terminal from outside too' },
  { name: 'file-locks', help: 'locks of files too' },
  { name: 'auto-dedup', help: 'pages that a later one replaces are cut out of the files' },
  { name: 'manage-cgroups-mode', value: 'MODE', help: 'groups that the container has made: soft, full, strict or ignore; default soft' },
  { name: 'empty-ns', value: 'TYPE', many: true, help: 'network: the network is always made anew, and empty' },
  { name: 'lazy-pages', help: 'not supported' },
]

/** @throws OciUsageError */
export function criuWishes(args: OciArguments, { criu }: OciContext): CriuWishes {
  const other = args.texts('empty-ns').find((type) => type !== 'network')
  if (other !== undefined) throw new OciUsageError(`namespace ${JSON.stringify(other)} is not supported: --empty-ns takes network`)
  if (args.has('lazy-pages')) throw new OciUsageError('--lazy-pages is not supported: this runtime does not serve pages to a restored container')
  const [profile, context] = [args.text('lsm-profile'), args.text('lsm-mount-context')]
  const flag = (name: string) => (args.has(name) ? true : undefined)
  return {
    criu, images: args.text('image-path'), work: args.text('work-path'), groups: groupMode(args.text('manage-cgroups-mode')),
    passed: defined({
      tcp_established: flag('tcp-established'), ext_unix_sk: flag('ext-unix-sk'), shell_job: flag('shell-job'), file_locks: flag('file-locks'), auto_dedup: flag('auto-dedup'), lsm_profile: profile, lsm_mount_context: context,
    }),
  }
}

/** Without those that nobody asked for. */
const defined = <T extends object>(options: T): { [K in keyof T]?: NonNullable<T[K]> } => Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> }

function groupMode(text: string | undefined): GroupMode {
  if (text === undefined || text === '') return 'default'
  if (!Object.hasOwn(groupModes, text)) throw new OciUsageError(`invalid manage-cgroups-mode value ${JSON.stringify(text)}: soft, full, strict or ignore`)
  return text as GroupMode
}
